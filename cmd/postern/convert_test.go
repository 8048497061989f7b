package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/config"
)

func convert(t *testing.T, picture []byte) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run([]string{"convert"},
		&invocation{ctx: t.Context(), stdin: bytes.NewReader(picture), stdout: &out, stderr: &errs})
	return status, out.String(), errs.String()
}

func TestConvertRefusesOtherPicturesInOneLine(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := convert(t, []byte("BM\x3a\x00\x00\x00 a bitmap, perhaps"))
	require.Equal(t, exitFailed, status)
	require.Empty(t, stdout)
	require.Equal(t, "postern: this is not an AVIF, HEIC or JPEG picture\n", stderr)
}

func TestConvertIsNotShown(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.Equal(t, exitWell,
		run([]string{"--help"}, &invocation{ctx: t.Context(), stdin: strings.NewReader(""), stdout: &out,
			stderr: &out}))
	require.NotContains(t, out.String(), "convert")
}

func TestTheProgramIsItsConvertingProcess(t *testing.T) {
	t.Parallel()
	lim := mediaLimits(config.Default())
	require.Len(t, lim.Convert, 2)
	require.Equal(t, "convert", lim.Convert[1])
}
