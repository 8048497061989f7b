// Package words is the catalogue of the sentences that people read: on pages, on the command line, in notices and in
// the API. Each is here once, as a whole.
//
// A sentence without values is a constant. One with values is a function whose parameters have names and types, and
// that chooses between singular and plural itself. No caller joins an entry to another one, or to a text of its own:
// where a sentence depends on something, a function chooses between whole sentences. Sentences that end with a full stop
// may follow one another: Text puts them into one text.
//
// The help of the command line is the map Help. A tag in cmd/postern holds the name of an entry:
// `help:"help_feed_add"`. HelpDetails has, under the same name, what --help of a command prints below that. The
// program does not start with a name that has no text, and a test finds texts that no tag names.
//
// There is a file for each area. To translate Postern, translate this package; placeholders, names of settings and
// commands stay as they are. The words of logs, and of errors that only programs read, do not belong here.
//
// The package imports nothing of ours. Tests in cmd/figures find sentences that stand elsewhere, and entries that
// nothing uses.
package words
