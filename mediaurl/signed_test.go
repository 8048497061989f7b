package mediaurl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnsigned(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://img.example/1/ab-cd.png?jwt=eyJ.a.b":                                                          "https://img.example/1/ab-cd.png",
		"https://b.s3.example/fog.jpg?X-Amz-Algorithm=A&X-Amz-Date=2&X-Amz-Expires=300&X-Amz-Signature=ab&w=3": "https://b.s3.example/fog.jpg?w=3",
		"https://b.example/get/4?versionId=7&X-Goog-Signature=ab&x-goog-date=2":                                "https://b.example/get/4?versionId=7",
		"https://d.example/fog?Expires=1700000000&Signature=ab~&Key-Pair-Id=K1":                                "https://d.example/fog",
		"https://a.example/c/fog.jpg?sv=2022&se=2026-01-01&sr=b&sp=r&sig=ab%3D":                                "https://a.example/c/fog.jpg",
		"https://c.example/1/2/fog.png?ex=66&is=65&hm=ab&":                                                     "https://c.example/1/2/fog.png?",
		"https://f.example/v0/o/p%2Ffog.jpg?alt=media&token=ab-cd":                                             "https://f.example/v0/o/p%2Ffog.jpg?alt=media",
		"https://b.example/fog.jpg?t=1700000000#top":                                                           "https://b.example/fog.jpg#top",
	} {
		require.Equal(t, want, Unsigned(raw))
	}
	for _, same := range []string{
		"", "https://b.example/fog.jpg", "https://b.example/fog.jpg?", "https://b.example/fog.jpg?b=2&a=%7e&&c",
		"https://b.example/fog.jpg?v=2", "https://b.example/get?id=4",
		"https://b.example/get?token=ab", "https://b.example/get?sig=ab", "https://b.example/get?t=1700000000",
		"https://b.example/fog.jpg?t=2", "https://b.example/fog.jpg?ex=1&is=2",
		"https://b.example/fog.jpg?se=1&sp=2", "https://b.example/fog.mp4?time=1700000000", "%zz?%zz",
	} {
		require.Equal(t, same, Unsigned(same))
	}
}
