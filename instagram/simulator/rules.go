package simulator

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// media types and product types as Meta writes them.
const (
	image         = "IMAGE"
	video         = "VIDEO"
	carouselAlbum = "CAROUSEL_ALBUM"
	feed          = "FEED"
	reels         = "REELS"
	story         = "STORY"
)

const (
	maxCaption  = 2200
	maxHashtags = 30
	maxMentions = 20
	maxAltText  = 1000
	maxImage    = 8 << 20
	maxVideo    = 300 << 20
	maxKept     = 64 << 20 // of a video, for the profile page
	minWidth    = 320
	minRatio    = 4.0 / 5
	maxRatio    = 1.91
	fetchTime   = 30 * time.Second
	userAgent   = "facebookexternalhit/1.1"
)

var (
	hashtag = regexp.MustCompile(`(?:^|[^\pL\pN_&])#[\pL\pN_]`)
	mention = regexp.MustCompile(`(?:^|[^\pL\pN_.])@[\pL\pN_]`)
)

var (
	imageTooLarge = Reply{Code: 36000, Subcode: 2207004, Message: "The image size is too large",
		UserTitle:   "Image size too large",
		UserMessage: "The image is too large to download. It should be less than 8 MiB."}
	imageFormat = Reply{Code: 36001, Subcode: 2207005, Message: "The image format is not supported",
		UserTitle:   "Image format not supported",
		UserMessage: "The image format is not supported. Use JPEG, at least 320 pixels wide."}
	imageRatio = Reply{Code: 36003, Subcode: 2207009, Message: "The submitted image's aspect ratio is not allowed",
		UserTitle:   "Invalid aspect ratio",
		UserMessage: "The aspect ratio is not supported. It should be between 4:5 and 1.91:1."}
	captionLong = Reply{Code: 36004, Subcode: 2207010, Message: "The caption was too long",
		UserTitle: "Caption too long", UserMessage: "The caption is longer than 2200 characters."}
	mentionsMany = Reply{Code: 100, Subcode: 2207040, Message: "Too many tags", UserTitle: "Too many @ tags",
		UserMessage: "Cannot use more than 20 tags."}
	carouselCount = Reply{Code: 100, Subcode: 2207028, Message: "Carousel validation failed",
		UserTitle: "Carousel invalid", UserMessage: "A carousel needs between 2 and 10 photos or videos."}
	typeUnknown = Reply{Code: 100, Subcode: 2207023, Message: "The media type is unknown",
		UserTitle: "Unknown media type", UserMessage: "The media type is not one of the expected ones."}
	fetchTimeout = Reply{Code: -2, Subcode: 2207003, Message: "It takes too long to download the media",
		UserTitle: "Timeout", UserMessage: "Timeout downloading the media. Please try again."}
)

// newContainer checks the parameters of POST /{id}/media. The container has
// neither id nor times yet.
//
// https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
func (s *Server) newContainer(c *call, owner *Account) (*container, *Reply) {
	p := c.params
	no := func(r Reply) (*container, *Reply) { return nil, &r }
	imageURL, videoURL, kind := p.Get("image_url"), p.Get("video_url"), p.Get("media_type")
	k := &container{UserID: owner.UserID, ProductType: feed, Caption: p.Get("caption"),
		Item: p.Get("is_carousel_item") == "true"}

	switch kind {
	case "CAROUSEL":
		if imageURL != "" || videoURL != "" || k.Item || p.Get("alt_text") != "" {
			return no(invalid("A carousel takes children and a caption only."))
		}
		k.MediaType = carouselAlbum
		if r := s.addChildren(k, p.Get("children")); r != nil {
			return no(*r)
		}
	case "", "IMAGE", "VIDEO", "REELS", "STORIES":
		if (imageURL == "") == (videoURL == "") {
			return no(invalid("Exactly one of image_url and video_url is needed."))
		}
		k.MediaType = image
		if videoURL != "" {
			k.MediaType = video
		}
		k.Slides = []Slide{{Video: videoURL != "", URL: imageURL + videoURL, AltText: p.Get("alt_text"),
			CoverURL: p.Get("cover_url")}}
	default:
		return no(typeUnknown)
	}
	if r := k.place(kind, videoURL); r != nil {
		return no(*r)
	}
	if kind != "REELS" && (p.Has("cover_url") || p.Has("share_to_feed")) {
		return no(invalid("cover_url and share_to_feed are for reels."))
	}
	if p.Get("alt_text") != "" && (k.ProductType != feed || k.MediaType != image) {
		return no(invalid("alt_text is for pictures in the feed."))
	}
	if utf8.RuneCountInString(p.Get("alt_text")) > maxAltText {
		return no(invalid("alt_text is longer than %d characters.", maxAltText))
	}
	if k.Item && k.Caption != "" {
		return no(invalid("An item of a carousel has no caption."))
	}
	if r := checkCaption(k.Caption); r != nil {
		return no(*r)
	}
	if r := addExtras(k, kind, p); r != nil {
		return no(*r)
	}
	for _, u := range []string{imageURL, videoURL, p.Get("cover_url")} {
		if u != "" && !fetchable(u) {
			return no(NotFetched)
		}
	}
	return k, nil
}

// place checks that the media may go where media_type says, and sets the container's place: feed, reels or stories.
func (k *container) place(kind, videoURL string) *Reply {
	no := func(r Reply) *Reply { return &r }
	switch kind {
	case "", "IMAGE":
		if videoURL != "" {
			return no(invalid("A video needs media_type REELS, STORIES or, in a carousel, VIDEO."))
		}
	case "VIDEO":
		// No longer a kind of post since 9 November 2023.
		if !k.Item || videoURL == "" {
			return no(invalid("media_type VIDEO is for items of a carousel. Use REELS."))
		}
	case "REELS":
		if videoURL == "" || k.Item {
			return no(invalid("A reel needs a video_url and cannot be an item of a carousel."))
		}
		k.ProductType = reels
	case "STORIES":
		if k.Item {
			return no(invalid("A story cannot be an item of a carousel."))
		}
		k.ProductType, k.Caption = story, "" // the caption is ignored
	}
	return nil
}

func checkCaption(caption string) *Reply {
	switch {
	// How Meta counts is not documented; UTF-16 units are the strictest reading.
	case len(utf16.Encode([]rune(caption))) > maxCaption:
		return &captionLong
	case len(hashtag.FindAllString(caption, -1)) > maxHashtags:
		r := invalid("The caption has more than %d hashtags.", maxHashtags)
		return &r
	case len(mention.FindAllString(caption, -1)) > maxMentions:
		return &mentionsMany
	}
	return nil
}

// addChildren joins finished items, in the order given.
func (s *Server) addChildren(k *container, list string) *Reply {
	list = strings.NewReplacer("[", "", "]", "", `"`, "", " ", "").Replace(list) // a JSON list is allowed
	ids := strings.Split(list, ",")
	if len(ids) < 2 || len(ids) > 10 {
		return &carouselCount
	}
	for _, id := range ids {
		child := s.st.Containers[id]
		switch {
		case child == nil || child.UserID != k.UserID || !child.Item:
			r := invalid("Param children must hold ids of items of a carousel; %s is none.", id)
			return &r
		case child.status(s.now()) != "FINISHED":
			return &NotReady
		}
		k.Slides = append(k.Slides, child.Slides...)
	}
	return nil
}

// fetchable: absolute, http, US-ASCII.
func fetchable(raw string) bool {
	for _, r := range raw {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// download fetches the media of a container. A picture that does not please is
// refused at once; a video makes the container end in ERROR.
func (s *Server) download(ctx context.Context, k *container) *Reply {
	if s.o.Fetch == nil {
		return nil
	}
	slide := &k.Slides[0]
	if slide.CoverURL != "" {
		// A cover that cannot be used is not worth an error to Instagram.
		if b, r := s.fetch(ctx, slide.CoverURL, maxImage); r == nil && checkImage(b, k.ProductType, slide) == nil {
			slide.Cover = s.keep(b, ".jpg")
		}
		slide.Width, slide.Height = 0, 0
	}
	if !slide.Video {
		b, r := s.fetch(ctx, slide.URL, maxImage)
		if r == nil {
			r = checkImage(b, k.ProductType, slide)
		}
		if r == nil {
			slide.File = s.keep(b, ".jpg")
		}
		return r
	}
	b, r := s.fetch(ctx, slide.URL, maxVideo)
	switch {
	case r != nil:
		k.Broken = r
	case len(b) < 12 || string(b[4:8]) != "ftyp":
		k.Broken = &Reply{} // "ERROR" and no more; media_publish tells 352/2207026
	case len(b) <= maxKept:
		slide.File = s.keep(b, ".mp4")
	}
	return nil
}

// fetch downloads at most limit bytes and one.
func (s *Server) fetch(ctx context.Context, address string, limit int64) ([]byte, *Reply) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	no := func(err error) *Reply {
		s.log.Info("simulator cannot fetch media", "url", address, "error", err)
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			return &fetchTimeout
		}
		return &NotFetched
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, no(err)
	}
	req.Header.Set("User-Agent", userAgent)
	res, err := s.o.Fetch.Do(req)
	if err != nil {
		return nil, no(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, no(errors.New(res.Status))
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return nil, no(err)
	}
	if int64(len(b)) > limit && limit == maxVideo {
		return nil, no(errors.New("larger than 300 MB"))
	}
	return b, nil
}

// checkImage judges bytes, not names or headers.
func checkImage(b []byte, product string, slide *Slide) *Reply {
	if len(b) > maxImage {
		return &imageTooLarge
	}
	config, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil || config.Width < minWidth || config.Height == 0 {
		return &imageFormat
	}
	slide.Width, slide.Height = config.Width, config.Height
	if ratio := float64(config.Width) / float64(config.Height); product == feed &&
		(ratio < minRatio || ratio > maxRatio) {
		return &imageRatio
	}
	return nil
}
