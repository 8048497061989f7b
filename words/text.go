package words

import "strings"

// Text returns whole sentences as one text, with a space between two. Those that are empty are left out.
func Text(sentences ...string) string {
	var kept []string
	for _, s := range sentences {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, " ")
}
