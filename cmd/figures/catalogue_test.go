package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSentencesStandInTheCatalogue(t *testing.T) {
	t.Parallel()
	h, err := readHouse(os.DirFS("../.."))
	require.NoError(t, err)
	require.Empty(t, h.sentences(), "give these a name in package words, or say less than three words")
}

func TestEntriesOfTheCatalogueAreUsed(t *testing.T) {
	t.Parallel()
	h, err := readHouse(os.DirFS("../.."))
	require.NoError(t, err)
	require.Empty(t, h.unusedEntries(), "nothing says these: delete them")
}

func TestUnusedEntries(t *testing.T) {
	t.Parallel()
	h, err := readHouse(os.DirFS("testdata/house"))
	require.NoError(t, err)
	require.Equal(t, []string{"words/words.go:8: Unsaid"}, h.unusedEntries())
}
