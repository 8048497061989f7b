// Package mediaurl reads from the address of a picture or video which file it names, and in which size.
//
// Read knows the address grammars of image services and content systems. Related and the keys of Address tell whether
// two addresses name one picture. The package fetches nothing.
package mediaurl
