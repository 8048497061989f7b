package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"postern/redact"
	"postern/store"
	"postern/words"
)

// The events there are.
const (
	Published = "published" // a post is live, and its address is known
	Test      = "test"      // its owner wants to see whether messages arrive
)

// Message is the JSON that a receiver gets. A test has no id, post, permalink, media id or time.
type Message struct {
	Event       string  `json:"event"`
	ID          int64   `json:"id,omitempty"` // of the publication
	Post        *Post   `json:"post,omitempty"`
	Account     Account `json:"account"`
	Platform    string  `json:"platform"`
	Permalink   string  `json:"permalink,omitempty"`
	MediaID     *string `json:"media_id,omitempty"` // "" when Instagram's id is not known
	PublishedAt string  `json:"published_at,omitempty"`
}

// Post is the entry on the site.
type Post struct {
	GUID  string `json:"guid"`
	URL   string `json:"url"`
	Title string `json:"title"`
}

// Account is where the copy is.
type Account struct {
	ID       int64  `json:"id"`
	Label    string `json:"label"`
	Username string `json:"username"`
}

func accountOf(a store.Account) Account { return Account{a.ID, a.Label, a.Username} }

// NewMessage says where the copy of a post is.
func NewMessage(pub store.Publication, post store.Post, a store.Account) Message {
	return Message{
		Event: Published, ID: pub.ID, Post: &Post{post.GUID, post.URL, post.Title}, Account: accountOf(a),
		Platform:  "instagram",
		Permalink: pub.Permalink, MediaID: &pub.MediaID, PublishedAt: pub.PublishedAt.UTC().Format(time.RFC3339),
	}
}

// NewTest is a message that says nothing.
func NewTest(a store.Account) Message {
	return Message{Event: Test, Account: accountOf(a), Platform: "instagram"}
}

// MessageID names the message about a publication: the same one whenever it is sent, after a crash and from a restored
// database, too, so that receivers know what they had before.
func MessageID(pub store.Publication, post store.Post, a store.Account) string {
	sum := sha256.Sum256([]byte(
		strings.Join([]string{Published, string(a.API), a.UserID, post.GUID, strconv.Itoa(pub.Part), pub.Permalink},
			"\x00")))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// secretPrefix begins secrets, as the Standard Webhooks specification has it; base64 follows.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
const secretPrefix = "whsec_"

func newSecret() redact.Secret {
	b := make([]byte, 32)
	rand.Read(b) // never fails: the program ends when the system has no randomness
	return redact.Secret(secretPrefix + base64.StdEncoding.EncodeToString(b))
}

// Sign is the signature of a message at a time, as the header webhook-signature has it: "v1,…".
func Sign(secret redact.Secret, id string, at time.Time, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Reveal(), secretPrefix))
	if err != nil || len(key) == 0 {
		return "", errors.New(words.WebhookSecretDamaged)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}
