// Package s3test is an S3 storage for tests: it keeps objects in memory and verifies signatures. No program imports it.
package s3test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// The one pair of keys that is taken, and the one bucket there is.
const (
	AccessKey = "POSTERNTESTKEY"
	SecretKey = "made-up/secret+of-the-tests"
	Bucket    = "pictures"
)

// Storage takes what is signed as AWS signs it, and hands out to everybody what is in the bucket.
type Storage struct {
	backend *s3mem.Backend
	server  http.Handler

	mu     sync.Mutex
	calls  []string // signed ones, "METHOD path"
	heads  map[string]http.Header
	refuse string
	hidden bool
}

// New returns a storage with an empty bucket.
func New() *Storage {
	s := &Storage{backend: s3mem.New(), heads: map[string]http.Header{}}
	if err := s.backend.CreateBucket(Bucket); err != nil {
		panic(err)
	}
	s.server = gofakes3.New(s.backend, gofakes3.WithTimeSkewLimit(0)).Server()
	return s
}

// ServeHTTP is the storage's API and its public side in one.
func (s *Storage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	refuse, hidden := s.refuse, s.hidden
	s.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") == "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) && !hidden:
		if r.URL.Path == "/robots.txt" || strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
	case refuse != "":
		answer(w, refuse)
		return
	default:
		if code := wrongSignature(r); code != "" {
			answer(w, code)
			return
		}
		s.mu.Lock()
		s.calls = append(s.calls, r.Method+" "+r.URL.Path)
		if r.Method == http.MethodPut {
			s.heads[r.URL.Path] = r.Header.Clone()
		}
		s.mu.Unlock()
	}
	s.server.ServeHTTP(w, r)
}

func answer(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>no %s for you</Message></Error>`,
		code, AccessKey)
}

// wrongSignature verifies AWS Signature Version 4 in the Authorization header; "" when it is right.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
func wrongSignature(r *http.Request) string {
	fields, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return "AccessDenied"
	}
	auth := map[string]string{}
	for f := range strings.SplitSeq(fields, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(f), "=")
		auth[k] = v
	}
	scope := strings.Split(auth["Credential"], "/")
	if len(scope) != 5 || scope[0] != AccessKey {
		return "InvalidAccessKeyId"
	}
	signed := strings.Split(auth["SignedHeaders"], ";")
	for _, needed := range []string{"host", "x-amz-date", "x-amz-content-sha256"} {
		if !slices.Contains(signed, needed) {
			return "AccessDenied"
		}
	}
	var headers strings.Builder
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" {
			value = r.Host
		}
		fmt.Fprintf(&headers, "%s:%s\n", name, strings.TrimSpace(value))
	}
	query := strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")
	request := strings.Join([]string{r.Method, r.URL.EscapedPath(), query, headers.String(), auth["SignedHeaders"],
		r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	sum := sha256.Sum256([]byte(request))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), strings.Join(scope[1:], "/"),
		hex.EncodeToString(sum[:])}, "\n")
	key := []byte("AWS4" + SecretKey)
	for _, part := range append(scope[1:], text) {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(part))
		key = m.Sum(nil)
	}
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(key)), []byte(auth["Signature"])) != 1 {
		return "SignatureDoesNotMatch"
	}
	if at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date")); err != nil ||
		time.Since(at).Abs() > 15*time.Minute {
		return "RequestTimeTooSkewed"
	}
	return ""
}

// Refuse answers everything that is signed with a code such as "AccessDenied"; "" ends that.
func (s *Storage) Refuse(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = code
}

// Hide makes the bucket private, or public again.
func (s *Storage) Hide(hidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hidden = hidden
}

// Calls are the signed calls since the last time, "METHOD path".
func (s *Storage) Calls() (calls []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls, s.calls = s.calls, nil
	return calls
}

// Head is with which headers an object was last uploaded, by its path with the bucket.
func (s *Storage) Head(path string) http.Header {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heads[path]
}

// Put is somebody else's upload.
func (s *Storage) Put(key, contentType, body string) error {
	_, err := s.backend.PutObject(Bucket, key, map[string]string{"Content-Type": contentType}, strings.NewReader(body),
		int64(len(body)), nil)
	return err
}

// Keys are the names of all objects.
func (s *Storage) Keys() (keys []string, err error) {
	l, err := s.backend.ListBucket(Bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		return nil, err
	}
	for _, o := range l.Contents {
		keys = append(keys, o.Key)
	}
	return keys, nil
}
