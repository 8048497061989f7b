// Package accounts connects Instagram accounts and keeps them usable.
//
// Accounts seals the credentials, checks them at Instagram and refreshes tokens before they expire. Add and
// Reconnect connect an account; Check reports what an account lacks for publishing, and the remedy. Failed
// records when an account has to wait or only its owner can help.
package accounts
