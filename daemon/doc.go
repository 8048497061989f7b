// Package daemon runs Postern: it holds the lock of the data directory, watches the place of the database and its
// copies, finds out how the last run ended, does regular work, and starts and stops the servers in order.
//
// Two processes never work on one data directory at the same time. Of a database and its copies on one machine only
// one publishes, and what a copy does not know is compared with the profile first.
package daemon
