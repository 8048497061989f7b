// Package vault seals secrets at rest.
//
// A Key seals and opens values, each bound to its place: moved to another row or column, a value no longer opens.
// Keyring finds the key beside the database or outside it, and Rotate seals everything with a new one. What a key
// seals or opens is made known to the redactor. Accounts, webhooks, notification targets and private feeds keep
// their secrets through it.
package vault
