// Package store reads and writes the database. It defines the vocabulary of the whole program as plain structs,
// contains all SQL, and enforces the legal state changes. No other package writes SQL.
//
// Package store makes three promises. Every write names the version of the row that it expects. A cause and its
// consequences are written in one transaction. A post that may be live is never published again without evidence
// that it is not live, or the owner's confirmation.
//
// Open opens or creates the file and migrates it. Store.Claim returns a publication that is due, Store.Advance
// records the outcome of a step, and Store.Do carries out a person's decision. Store.OnDue registers a function that
// is called after each commit that makes a publication due. The other methods each read and write one kind of row.
package store
