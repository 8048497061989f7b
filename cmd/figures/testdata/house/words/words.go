// Package words is the catalogue.
package words

// Full says that a basket is full, and is said in a page.
const Full = "the basket is full now"

// Unsaid is said nowhere.
const Unsaid = "nobody ever reads this"
