package words

import "fmt"

// The repairs: what Postern did to a picture or video.
const (
	RepairedRareJPEG       = "saved a rare form of JPEG as an ordinary one"
	RepairedEnd            = "added the missing end mark"
	RepairedFirstFrame     = "took the first frame of an animation"
	RepairNeedsFFmpeg      = "install ffmpeg to make it a video"
	RepairNeedsFFmpegOn    = "switch `media.ffmpeg` on and restart Postern to make it a video"
	RepairedTransparency   = "filled transparent parts"
	RepairedAnimatedGIF    = "converted from an animated GIF"
	RepairedWithoutToneMap = "without tone mapping, because this ffmpeg has none"
	RepairedCodec          = "re-encoded as H.264"
	RepairedDataTrack      = "removed a track of data or text, which may contain the location"
	RepairedPieces         = "joined the parts of the index"
	RepairedIndex          = "moved the index to the front"
	RepairedEditList       = "removed the edit list"
	RepairedGOP            = "closed its groups of pictures"
)

// RepairedFormat names the format, colours or codec that something was converted from.
func RepairedFormat(from string) string { return "converted from " + from }

// RepairedProfile names the colour profile that a picture was converted from, "" for one without a name.
func RepairedProfile(name string) string {
	if name == "" {
		return "converted from a colour profile without a name"
	}
	return "converted from " + name
}

// RepairedBadProfile names a colour profile that cannot be read, "" for one without a name.
func RepairedBadProfile(name string) string {
	if name == "" {
		return "left out an unreadable colour profile without a name"
	}
	return fmt.Sprintf("left out an unreadable colour profile (%s)", name)
}

// RepairedBytes tells two sizes with their units.
func RepairedBytes(from, to string) string { return fmt.Sprintf("compressed from %s to %s", from, to) }

// RepairedWidth tells a smaller width in pixels.
func RepairedWidth(from, to int) string { return fmt.Sprintf("scaled from %d to %d wide", from, to) }

// RepairedHeight tells a smaller height in pixels.
func RepairedHeight(from, to int) string { return fmt.Sprintf("scaled from %d to %d high", from, to) }

// RepairedSmall tells a larger width in pixels.
func RepairedSmall(from, to int) string { return fmt.Sprintf("enlarged from %d to %d wide", from, to) }

// RepairedRatioCropped tells two ratios.
func RepairedRatioCropped(from, to string) string { return fmt.Sprintf("cropped %s to %s", from, to) }

// RepairedRatioPadded tells two ratios.
func RepairedRatioPadded(from, to string) string { return fmt.Sprintf("padded %s to %s", from, to) }

// RepairedRatioBlurred tells two ratios.
func RepairedRatioBlurred(from, to string) string {
	return fmt.Sprintf("padded %s to %s with a blurred copy", from, to)
}

// RepairedFitBars tells the ratio of a video.
func RepairedFitBars(to string) string { return fmt.Sprintf("fitted to %s with bars", to) }

// RepairedFitCropped tells the ratio of a video.
func RepairedFitCropped(to string) string { return fmt.Sprintf("fitted to %s by cropping", to) }

// RepairedFitBlurred tells the ratio of a video.
func RepairedFitBlurred(to string) string {
	return fmt.Sprintf("fitted to %s with a blurred border", to)
}

// RepairedCover tells at which time of a video its cover is.
func RepairedCover(at string) string { return "took the picture at " + at }

// RepairedLength tells the length of a video that was cut.
func RepairedLength(to string) string { return "cut to " + to }

// RepairedFrameRate tells two frame rates.
func RepairedFrameRate(from, to string) string {
	return fmt.Sprintf("changed from %s to %s frames a second", from, to)
}

// RepairedBitrate tells a rate in Mbit.
func RepairedBitrate(from string) string {
	return fmt.Sprintf("compressed from %s Mbit a second", from)
}

// RepairedHDR names the transfer function of a video.
func RepairedHDR(transfer string) string { return fmt.Sprintf("converted from HDR (%s)", transfer) }

// RepairedDepth tells the bits of a sample.
func RepairedDepth(from int) string { return fmt.Sprintf("converted from %d to 8 bits", from) }

// RepairedSoundRate tells a rate in kbit.
func RepairedSoundRate(from float64) string {
	return fmt.Sprintf("compressed sound from %.0f kbit a second", from)
}

// RepairedSoundCodec names a codec.
func RepairedSoundCodec(from string) string { return "converted sound from " + from }

// RepairedSampling tells a rate in kHz.
func RepairedSampling(from string) string { return fmt.Sprintf("converted sound from %s kHz", from) }

// RepairedChannels counts channels.
func RepairedChannels(from int) string { return fmt.Sprintf("mixed sound from %d channels to 2", from) }

// Names of formats and parts of files, as values in other sentences.
const (
	FormatPage          = "a web page"
	FormatIcon          = "an icon (ICO)"
	FormatAnimatedGIF   = "an animated GIF"
	FormatUnknownCodec  = "an unknown codec"
	FormatOwnPrimaries  = "primaries of its own"
	FormatsWithoutHeavy = "JPEG, PNG, WebP, GIF, TIFF or BMP"
	FormatsOfPictures   = "JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP"
)

// What Postern cannot decode in a picture.
const (
	UnsupportedRaw      = "a camera's raw picture"
	UnsupportedPlanes   = "colours in planes of their own"
	UnsupportedChannels = "channels beside the colours"
	UnsupportedJPEG     = "neither baseline nor progressive, or more than 8 bits"
)

// What Postern did with a file when its disk failed.
const (
	DoingConversion  = "converting a video"
	DoingCreation    = "creating a file"
	DoingPermissions = "changing a file's permissions"
	DoingRename      = "renaming a file"
	DoingVideo       = "opening a video"
)

// Why a part of the program gave no picture.
const (
	ConvertNeither   = "this is not an AVIF, HEIC or JPEG picture"
	ConvertNoFrame   = "the video has no picture at that time"
	MethodNotAllowed = "method not allowed"
)

// VideoPictureAt names the picture of a video at a time.
func VideoPictureAt(at string) string { return "the video's picture at " + at }

// FillUnknown lists the names of what is done with pictures of another ratio.
func FillUnknown(name, names string) string { return fmt.Sprintf("%q is not one of %s", name, names) }

// Minutes writes a length of two minutes or more.
func Minutes(minutes, seconds int) string {
	if seconds == 0 {
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d min %d s", minutes, seconds)
}
