// Package store is the database: the vocabulary of the whole program as plain structs, the SQL, and the legal moves.
// The package that owns a table also owns the legal changes of its rows; nobody else writes SQL.
//
// It promises that every write names the version of the row that it expects, that a cause and what follows from it are
// one transaction, and that a post which may be live is never asked for again without evidence or its owner's word.
//
// Open opens or creates the file and migrates it. Store.Claim hands out what is due, Store.Advance records what came of
// it, Store.Do carries out what a person decided. The other methods read and write one kind of row each.
package store
