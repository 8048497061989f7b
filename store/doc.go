// Package store reads and writes the database. It has the vocabulary of the whole program as plain structs, the SQL,
// and the legal moves. The package that owns a table also owns the legal changes of its rows; nobody else writes SQL.
//
// It promises that every write names the version of the row that it expects, that a cause and its consequences are one
// transaction, and that a post which may be live is never published again without evidence or its owner's word.
//
// Open opens or creates the file and migrates it. Store.Claim hands out a publication that is due, Store.Advance
// records the outcome of its step, and Store.Do carries out a person's decision. Store.OnDue registers a function that
// is called after each commit that makes a publication due. The other methods read and write one kind of row each.
package store
