package shop

// Helper tests nothing at all.
func Helper() string { return "a sentence in a test" }
