// Package daemon is what a program that stays running needs around its work: the lock of the data directory, the place of
// the database and its copies, how the last run ended, regular work, and servers that stop in order.
//
// Two processes never work on one data directory at the same time. Of a database and its copies on one machine only one
// publishes, and what a copy does not know is compared with the profile first.
package daemon
