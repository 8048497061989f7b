package media

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/url"
	"time"

	"postern/egress"
	"postern/reason"
)

func newHash() hash.Hash { return sha256.New() }

// want describes the file that a download must return.
type want struct {
	video   bool
	more    bool   // also accept videos that must be converted
	noun    string // "picture" or "video", for messages
	rules   string // "media.image" or "media.video"
	accept  string
	max     int64
	timeout time.Duration
}

func (l *Library) wantImage() want {
	return want{false, false, "picture", "media.image", egress.AcceptPictures, l.lim.MaxSource, l.lim.Timeout}
}

func (l *Library) wantVideo() want {
	const accept = "video/mp4, video/quicktime, video/*;q=0.5"
	return want{true, false, "video", "media.video", accept, l.lim.MaxVideo, 10 * l.lim.Timeout}
}

// takes reports whether the download may return this kind.
func (w want) takes(k kind) bool {
	switch k {
	case kindGIF:
		return !w.video || w.more
	case kindJPEG, kindPNG, kindWebP, kindBMP, kindTIFF:
		return !w.video
	case kindAVIF, kindHEIC:
		return !w.video && heavyKinds
	case kindMP4, kindMOV:
		return w.video
	case kind3GP, kindWebM, kindMKV, kindAVI:
		return w.more
	}
	return false
}

// fetch downloads src to a temporary file, which the caller must discard. If the first bytes show that it is not a
// picture or video, fetch returns an error without downloading the rest.
func (l *Library) fetch(ctx context.Context, src *url.URL, w want) (*temp, kind, error) {
	if src.Scheme != "http" && src.Scheme != "https" {
		return nil, kindNone, fault("media.url.invalid", nil, reason.New(reason.MediaScheme, w.noun))
	}
	if err := egress.Possible(src); err != nil {
		return nil, kindNone, fault("media.url.invalid", err,
			reason.New(reason.MediaAddressImpossible, displayURL(src), err.Error()))
	}
	if err := l.room(1); err != nil { // check before downloading
		return nil, kindNone, err
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, src.String(), nil)
	if err != nil {
		return nil, kindNone, fault("media.url.invalid", err, reason.New(reason.MediaAddressUnusable, displayURL(src)))
	}
	req.Header.Set("Accept", w.accept)
	res, err := l.client.Do(req)
	if err != nil {
		return nil, kindNone, networkFault(err, src)
	}
	defer res.Body.Close()
	if err := statusFault(res.StatusCode, src, w); err != nil {
		return nil, kindNone, err
	}
	if res.ContentLength > w.max {
		return nil, kindNone, w.tooLarge(src)
	}
	body := &progressReader{Reader: res.Body, tell: reporter(ctx), total: max(res.ContentLength, 0)}
	t, k, err := l.receive(body, src, w)
	if err == nil {
		t.version.ETag, t.version.LastModified = res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	}
	return t, k, err
}

// receive stores body in a temporary file if it is of a kind that w accepts.
func (l *Library) receive(body io.Reader, src *url.URL, w want) (*temp, kind, error) {
	r := bufio.NewReaderSize(io.LimitReader(body, w.max+1), 64<<10)
	head, err := r.Peek(sniffLen)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, kindNone, networkFault(err, src)
	}
	if len(head) == 0 {
		return nil, kindNone, fault(w.rules+".broken", nil, reason.New(reason.MediaEmpty, displayURL(src)))
	}
	k := sniff(head)
	if !w.takes(k) {
		return nil, k, wrongKind(k, displayURL(src), w)
	}
	t, err := l.newTemp()
	if err != nil {
		return nil, k, err
	}
	_, err = io.Copy(t, r)
	switch {
	case t.err != nil:
		err = diskFault(t.err, "writing")
	case err != nil:
		err = networkFault(err, src)
	case t.bytes > w.max:
		err = w.tooLarge(src)
	default:
		t.version.SHA256 = hex.EncodeToString(t.sum.Sum(nil))
		return t, k, nil
	}
	t.discard()
	return nil, k, err
}

func (w want) tooLarge(src *url.URL) error {
	return fault(w.rules+".too-large", nil, reason.New(reason.MediaTooLarge, displayURL(src), size(w.max), w.noun))
}

// networkFault returns the fault for an error of a request.
func networkFault(err error, src *url.URL) *Error {
	e := fault("media.url.unreachable", err, reason.New(reason.MediaUnfetched, displayURL(src), egress.Explain(err)))
	switch {
	case errors.Is(err, egress.ErrBlocked):
		e.Rule = "media.url.blocked"
	case errors.Is(err, egress.ErrTooManyRedirects):
		e.Rule = "media.url.redirects"
	case errors.Is(err, egress.ErrScheme), errors.Is(err, egress.ErrAddress):
		e.Rule = "media.url.invalid"
	default:
		e.Temporary = true
	}
	return e
}

// statusFault returns the fault for an HTTP status, nil for 200.
func statusFault(code int, src *url.URL, w want) error {
	where, noun := displayURL(src), w.noun
	switch {
	case code == http.StatusOK:
		return nil
	case code == http.StatusNotFound, code == http.StatusGone:
		return fault("media.url.not-found", nil, reason.New(reason.MediaNotFound, noun, where, code))
	case code == http.StatusUnauthorized, code == http.StatusPaymentRequired,
		code == http.StatusForbidden, code == http.StatusUnavailableForLegalReasons:
		return fault("media.url.forbidden", nil, reason.New(reason.MediaForbidden, where, code, noun))
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code == http.StatusTooEarly,
		code >= 500:
		e := fault("media.url.unreachable", nil, reason.New(reason.MediaUnavailable, where, code))
		e.Temporary = true
		return e
	}
	return fault("media.url.refused", nil, reason.New(reason.MediaRefused, code, noun, where))
}
