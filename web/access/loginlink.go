package access

import (
	"crypto/rand"
	"time"
)

// LoginLinkLife is how long a link of [NewLoginLink] opens.
const LoginLinkLife = 15 * time.Minute

// NewLoginLink returns the path of a link that logs in once, and the token in it for store.SetLoginLink.
func NewLoginLink() (path, token string) {
	token = rand.Text()
	return "/login/" + token, token
}
