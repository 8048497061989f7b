package instagram

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Usage is what the headers of an answer say about Instagram's limits on calls. The zero value says nothing: not
// knowing is not being safe.
type Usage struct {
	Percent int           // of the limit that is used up most; calls are refused from 100 on
	Regain  time.Duration // how long calls stay refused; 0 when they are not, or when that is not told
}

// longestRegain is the window in which calls are counted.
const longestRegain = 24 * time.Hour

// ReadUsage reads the headers in every shape that has been seen: X-App-Usage with the documented and with other names,
// X-Business-Use-Case-Usage with one or several accounts, lists or single objects, numbers or texts. All numbers are
// percentages except the minutes until access is regained. What cannot be read is left out.
//
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting
func ReadUsage(h http.Header) Usage {
	var u Usage
	for _, name := range []string{"X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage"} {
		for _, text := range h.Values(name) {
			var v any
			d := json.NewDecoder(strings.NewReader(text))
			d.UseNumber()
			if d.Decode(&v) == nil {
				u.read("", v)
			}
		}
	}
	return u
}

func (u *Usage) read(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			u.read(strings.ToLower(k), e)
		}
	case []any:
		for _, e := range v {
			u.read(name, e)
		}
	case json.Number:
		u.number(name, v.String())
	case string:
		u.number(name, v)
	}
}

func (u *Usage) number(name, text string) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), "%"), 64)
	if err != nil || math.IsNaN(n) || n <= 0 {
		return
	}
	switch {
	case strings.Contains(name, "regain"):
		minutes := math.Min(n, longestRegain.Minutes())
		u.Regain = max(u.Regain, time.Duration(minutes*float64(time.Minute)))
	case strings.Contains(name, "count"), strings.Contains(name, "volume"), strings.HasSuffix(name, "time"),
		strings.Contains(name, "pct"):
		u.Percent = max(u.Percent, int(math.Min(math.Ceil(n), 1000)))
	}
}
