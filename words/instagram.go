package words

import (
	"fmt"
	"net/http"
	"time"
)

// Instagram's answers that Postern cannot use: why. They follow the name of the call.
const (
	AnswerNotJSON        = "Instagram's answer is not JSON"
	AnswerOfUnknownShape = "Instagram's answer has an unknown shape"
	AnswerWithoutData    = "Instagram's answer has no data"
	AnswerWithoutID      = "Instagram's answer has no id"
	AnswerWithoutStatus  = "Instagram's answer has no status_code"
	AnswerWithoutToken   = "Instagram's answer has no token"
	AnswerWithoutLink    = "Instagram's answer has no permalink"
	AnswerWithoutQuota   = "Instagram's answer has no quota"
	AnswerListIncomplete = "Instagram's list has an entry without id or time"
	AnswerListEndless    = "Instagram's list has another page, but no cursor that leads to it"
	RequestNotSent       = "Postern sent nothing"
	RequestTooLate       = "the request was ready too late, so Postern did not send it"
	APIURLInvalid        = "instagram.api_url is not a URL"
	LogInURLInvalid      = "the address of Instagram's log-in page is not a URL"
)

// AnswerRedirects tells that Instagram's API redirects.
func AnswerRedirects(status int) string {
	return fmt.Sprintf("Instagram answered with a redirect (HTTP %d), which Postern does not follow", status)
}

// AnswerTooLarge tells that Instagram's answer is larger than the limit.
func AnswerTooLarge(limit int) string {
	return fmt.Sprintf("Instagram's answer is larger than %d bytes", limit)
}

// AnswerNotMetas tells that an error does not look like Meta's, with the name of its HTTP status.
func AnswerNotMetas(status int) string {
	const why = "the answer is not in Meta's error format"
	if name := http.StatusText(status); name != "" {
		return name + "; " + why
	}
	return why
}

// ProfileTooLong tells that a profile has more posts since a time than Postern reads.
func ProfileTooLong(most int, since time.Time) string {
	return fmt.Sprintf("the profile has more than %d posts since %s", most, since.UTC().Format(time.RFC3339))
}
