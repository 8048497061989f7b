package words

import "fmt"

// DemoStarted tells where the demo is. seed is what the simulated Instagram's faults follow from.
func DemoStarted(pages, profile, feed string, seed int64) string {
	return fmt.Sprintf("  Postern's pages    %s\n  simulated profile  %s\n  feed               %s\n"+
		"  seed               %d\n\nStop with Ctrl-C.", pages, profile, feed, seed)
}

// ServeStarted tells where the pages are. code is what the first visitor needs to choose a password, "" where there is
// one.
func ServeStarted(pages, code string) string {
	if code == "" {
		return "Postern's pages: " + pages
	}
	return fmt.Sprintf("Postern's pages: %s\nFirst visit: choose a password there, with the code %s", pages, code)
}

// SandboxOwnFiles tells that the simulated Instagram fetches no other files than Postern's.
const SandboxOwnFiles = "the simulated Instagram fetches only Postern's own files"

// The sample blog of `postern demo`: its posts and the alt texts of their pictures.
const (
	SampleTitle        = "Ridgelines"
	SampleAbout        = "A photo blog that exists for as long as this demo runs"
	SampleFog          = "Above the fog"
	SampleFogText      = "The valley had disappeared. For an hour there was only the ridge, and the light."
	SampleFogAlt       = "Blue ridges behind each other under a pale morning sun"
	SampleMornings     = "Four mornings"
	SampleMorningsText = "The same path, four days in a row. No two of them alike. #landscape #morning"
	SampleMonday       = "Red hills before sunrise"
	SampleTuesday      = "Dark ridges under the moon"
	SampleWednesday    = "Green hills in haze"
	SampleThursday     = "A warm sky over violet mountains"
	SamplePacking      = "Notes on packing light"
	SamplePackingText  = "A post without pictures. Instagram cannot show it, so it stays on the blog, and Postern says so."
	SampleSunrise      = "Sunrise, in four seconds"
	SampleSunriseText  = "It takes longer when you stand there."
	SampleSunriseAlt   = "The sun over layered mountains"
	SampleHome         = "Back home"
	SampleHomeText     = "Boots off."
	SampleHomeAlt      = "Evening over the hills"
	SampleSketch       = "A page of the sketchbook"
	SampleSketchText   = "A PNG. Instagram does not take it, so Postern makes a JPEG of it."
	SampleSketchAlt    = "Moonlit ridges"
	SampleTall         = "The tall one"
	SampleTallText     = "Far taller than Instagram allows in the grid. Postern gives it a margin, so it keeps its sky."
	SampleTallAlt      = "A very tall picture of hills and much sky"
	SampleJustNow      = "Just now"
	SampleJustNowText  = "This post appeared after the demo began. The next poll found it."
	SampleJustNowAlt   = "Evening light over a desert range"
)
