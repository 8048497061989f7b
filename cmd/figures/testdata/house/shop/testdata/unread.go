package testdata

// Unread is left out.
const Unread = "a sentence under testdata"
