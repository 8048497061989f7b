package media

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"postern/reason"
	"postern/words"
)

// Poster stores the frame of a stored video at a time, by the rules for a cover. It needs ffmpeg. Errors are
// *[Error].
func (l *Library) Poster(ctx context.Context, video string, at time.Duration, r Rules) (File, error) {
	p, err := l.Path(video)
	if err != nil {
		return File{}, diskFault(err, words.DoingVideo)
	}
	if l.ffmpeg == "" {
		why := reason.New(reason.MediaCoverNoFFmpeg)
		if l.lim.FFmpeg == NoFFmpeg {
			why = reason.New(reason.MediaCoverFFmpegOff)
		}
		return File{}, machineFault("media.video.no-ffmpeg", nil, why)
	}
	var png bytes.Buffer
	args := []string{"-f", "mov", "-ss", seconds(max(at, 0)), "-i", p, "-map", "0:v:0", "-frames:v", "1",
		"-map_metadata", "-1", "-f", "image2pipe", "-c:v", "png", "pipe:1"}
	err = l.ffmpegRun(ctx, run{args: args, stdout: &png, maxBytes: l.lim.MaxSource})
	if err == nil && png.Len() == 0 {
		err = errors.New(words.ConvertNoFrame)
	}
	if err != nil {
		return File{}, ffmpegFault(err, words.VideoPictureAt(lengthName(at)))
	}
	f, err := l.PrepareBytes(ctx, withoutVideoColours(png.Bytes()), &url.URL{Scheme: "https", Host: video}, r)
	if err != nil {
		return File{}, err
	}
	f.SourceURL, f.Acceptable = "", false // it has no URL of its own
	f.Repairs = append([]Repair{{"media.video.cover", words.RepairedCover(lengthName(at))}},
		slices.DeleteFunc(f.Repairs, func(r Repair) bool { return r.Rule == "media.image.format" })...)
	return f, nil
}

const (
	// coverSeconds is the duration that is searched for a cover, at coverRate frames per second.
	coverSeconds = 10
	coverRate    = 4
	// coverSide is the width and height to which frames are scaled, in grey, to be compared.
	coverSide = 32
	// coverBright and coverSpread are the mean and standard deviation of brightness below which a frame counts as
	// dark or empty.
	coverBright, coverSpread = 40, 8
)

// Cover stores a frame of a stored video like [Library.Poster]: the first one near the start that is neither dark nor
// empty, otherwise the brightest.
func (l *Library) Cover(ctx context.Context, video string, r Rules) (File, error) {
	p, err := l.Path(video)
	if err != nil {
		return File{}, diskFault(err, words.DoingVideo)
	}
	at := time.Duration(0)
	if l.ffmpeg != "" {
		var grey bytes.Buffer
		args := []string{"-f", "mov", "-i", p, "-map", "0:v:0", "-t", seconds(coverSeconds * time.Second),
			"-vf", "fps=" + short(coverRate) + ",scale=" + short(coverSide) + ":" + short(coverSide), "-f", "rawvideo",
			"-pix_fmt", "gray", "pipe:1"}
		if err := l.ffmpegRun(ctx,
			run{args: args, stdout: &grey,
				maxBytes: (coverSeconds + 1) * coverRate * coverSide * coverSide}); err != nil {
			return File{}, ffmpegFault(err, "the video")
		}
		at = time.Duration(coverFrame(grey.Bytes())) * time.Second / coverRate
	}
	return l.Poster(ctx, video, at, r)
}

// coverFrame returns the index of the frame for the cover, from 0.
func coverFrame(grey []byte) (best int) {
	const size = coverSide * coverSide
	brightest := 0.0
	for i := 0; (i+1)*size <= len(grey); i++ {
		var sum, squares float64
		for _, v := range grey[i*size : (i+1)*size] {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		mean := sum / size
		if mean >= coverBright && squares/size-mean*mean >= coverSpread*coverSpread {
			return i
		}
		if mean > brightest {
			best, brightest = i, mean
		}
	}
	return best
}
