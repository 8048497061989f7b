package address

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"postern/egress"
	"postern/media"
	"postern/reason"
	"postern/redact"
	"postern/words"
)

// Bucket is where an S3-compatible storage keeps our files, and the address under which it hands them out.
type Bucket struct {
	Endpoint  string // of the storage's API, https://… without a path
	Region    string // as the storage calls it; many take any
	Name      string
	Prefix    string // folder of ours in it; "" is the whole bucket
	PublicURL string // address of the bucket's root as everybody reads it
	AccessKey string
	SecretKey redact.Secret
}

// bucket is safe for concurrent use.
type bucket struct {
	client *minio.Client
	name   string
	prefix string // "" or with a slash at its end

	mu      sync.Mutex
	offered map[string]time.Time // by name, in this process: pruning must not take what was just found to be there
}

func newBucket(b Bucket, transport http.RoundTripper) (*bucket, error) {
	u, err := url.Parse(b.Endpoint)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, errors.New(words.BucketEndpointInvalid)
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(b.AccessKey, b.SecretKey.Reveal(), ""),
		Secure: u.Scheme == "https", Transport: transport, Region: b.Region,
		MaxRetries: 2, // patience is the publisher's
	})
	if err != nil {
		return nil, fmt.Errorf("media.s3 cannot be used: %w", err)
	}
	prefix := strings.Trim(b.Prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &bucket{client: client, name: b.Name, prefix: prefix, offered: map[string]time.Time{}}, nil
}

// put uploads a file unless it is there, whole and of the right type.
func (b *bucket) put(ctx context.Context, l *media.Library, name string) error {
	local, err := l.Path(name)
	if err != nil {
		return &media.Error{Rule: "media.library", Temporary: true, Err: err, Why: reason.New(reason.FileGone)}
	}
	fi, err := os.Stat(local)
	if err != nil {
		return &media.Error{Rule: "media.library", Temporary: true, Err: err, Why: reason.New(reason.FolderUnreadable)}
	}
	b.mu.Lock()
	b.offered[name] = time.Now()
	b.mu.Unlock()
	there, err := b.client.StatObject(ctx, b.name, b.prefix+name, minio.StatObjectOptions{})
	if err == nil && there.Size == fi.Size() && there.ContentType == media.ContentType(name) {
		return nil
	}
	// Keys that may write but not list or read are told 403 where nothing is: whatever the answer, the upload
	// says more.
	_, err = b.client.FPutObject(ctx, b.name, b.prefix+name, local, minio.PutObjectOptions{
		ContentType: media.ContentType(name), CacheControl: media.CacheControl,
		DisableMultipart: true, // one request: a file is there whole or not at all
	})
	if err != nil {
		return b.fault(err)
	}
	return nil
}

// drop removes one file; what stays is pruned.
func (b *bucket) drop(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_ = b.client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{})
	b.mu.Lock()
	delete(b.offered, name)
	b.mu.Unlock()
}

func (b *bucket) prune(ctx context.Context, keep func(name string) bool, olderThan time.Time) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing
	var old []string
	for o := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix}) {
		if o.Err != nil {
			return 0, fmt.Errorf("listing the bucket: %w", b.fault(o.Err))
		}
		name := strings.TrimPrefix(o.Key, b.prefix)
		if media.IsName(name) && path.Base(o.Key) == name && o.LastModified.Before(olderThan) && !keep(name) {
			old = append(old, name)
		}
	}
	files := 0
	for _, name := range old {
		removed, err := b.removeOld(ctx, name, olderThan)
		if err != nil {
			return files, fmt.Errorf("cleaning the bucket: %w", b.fault(err))
		}
		if removed {
			files++
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, at := range b.offered {
		if at.Before(olderThan) {
			delete(b.offered, name)
		}
	}
	return files, nil
}

// removeOld leaves a file that is offered at this moment or was since keep was asked.
func (b *bucket) removeOld(ctx context.Context, name string, olderThan time.Time) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at, ok := b.offered[name]; ok && !at.Before(olderThan) {
		return false, nil
	}
	return true, b.client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{})
}

// fault puts what the storage answered in plain words. None of it is the file's fault, and all of it can pass.
func (b *bucket) fault(err error) error {
	e := &media.Error{Rule: ruleBucket, Temporary: true, Err: err}
	var said minio.ErrorResponse
	if !errors.As(err, &said) {
		why, _ := egress.Explain(err).Parts()
		e.Why = reason.New(reason.BucketUnreachable, why)
		return e
	}
	switch said.Code {
	case "NoSuchBucket":
		e.Why = reason.New(reason.BucketMissing, b.name)
	case "InvalidAccessKeyId":
		e.Why = reason.New(reason.BucketKeyUnknown)
	case "SignatureDoesNotMatch":
		e.Why = reason.New(reason.BucketSecretWrong)
	case "AccessDenied", "AllAccessDisabled", "AccountProblem":
		e.Why = reason.New(reason.BucketDenied)
	case "RequestTimeTooSkewed":
		e.Why = reason.New(reason.BucketClock)
	case "AuthorizationHeaderMalformed", "PermanentRedirect", "InvalidRegion":
		e.Why = reason.New(reason.BucketRegion)
	default:
		e.Why = reason.New(reason.BucketRefused, plainCode(said.Code), said.StatusCode)
	}
	return e
}

// plainCode keeps a stranger's code from saying more than a code.
func plainCode(code string) string {
	for _, r := range code {
		if (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return words.BucketNoReason
		}
	}
	if code == "" || len(code) > 60 {
		return words.BucketNoReason
	}
	return code
}
