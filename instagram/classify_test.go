package instagram_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
	"postern/reason"
)

func TestClassifyAnswers(t *testing.T) {
	t.Parallel()
	const (
		account = 1 << iota
		owner
	)
	tests := []struct {
		code, subcode int
		want          instagram.Action
		after         time.Duration
		flags         int
	}{
		{-1, 2207001, instagram.Retry, 0, 0},
		{-2, 2207003, instagram.Retry, 0, 0},
		{-2, 2207020, instagram.Retry, 0, 0},
		{-1, 2207032, instagram.Retry, 0, 0},
		{-1, 2207053, instagram.Retry, 0, 0},
		{1, 2207057, instagram.Reject, 0, 0},
		{4, 2207051, instagram.Wait, time.Hour, account | owner},
		{9, 2207042, instagram.Wait, time.Hour, account},
		{24, 2207006, instagram.Retry, 0, 0},
		{24, 2207008, instagram.Retry, 0, 0},
		{25, 2207050, instagram.Wait, time.Hour, account | owner},
		{25, 0, instagram.Wait, time.Hour, account | owner},
		{100, 2207023, instagram.Reject, 0, 0},
		{100, 2207028, instagram.Reject, 0, 0},
		{100, 2207035, instagram.Reject, 0, 0},
		{100, 2207036, instagram.Reject, 0, 0},
		{100, 2207037, instagram.Reject, 0, 0},
		{100, 2207040, instagram.Reject, 0, 0},
		{100, 0, instagram.Reject, 0, 0},
		{100, 33, instagram.Retry, 0, 0},
		{352, 2207026, instagram.Reject, 0, 0},
		{9004, 2207052, instagram.Retry, 0, 0},
		{1, 2207052, instagram.Retry, 0, 0},
		{9004, 0, instagram.Retry, 0, 0},
		{9007, 2207027, instagram.Retry, 3 * time.Second, account},
		{36000, 2207004, instagram.Reject, 0, 0},
		{36001, 2207005, instagram.Reject, 0, 0},
		{36003, 2207009, instagram.Reject, 0, 0},
		{36004, 2207010, instagram.Reject, 0, 0},
		{36004, 0, instagram.Reject, 0, 0},
		{-1, 2207067, instagram.Retry, 0, 0},
		{-1, 2207077, instagram.Retry, 0, 0},
		{-1, 2207082, instagram.Retry, 0, 0},
		{-1, 2207081, instagram.Reject, 0, 0},
		{-1, 2207085, instagram.Reject, 0, 0},
		{1, 0, instagram.Retry, 0, 0},
		{2, 0, instagram.Retry, 0, 0},
		{4, 0, instagram.Retry, 0, account},
		{17, 0, instagram.Retry, 0, account},
		{32, 0, instagram.Retry, 0, account},
		{613, 0, instagram.Retry, 0, account},
		{80002, 0, instagram.Wait, 5 * time.Minute, account},
		{190, 463, instagram.Reconnect, 0, account},
		{190, 0, instagram.Reconnect, 0, account},
		{102, 0, instagram.Reconnect, 0, account},
		{3, 0, instagram.Reconnect, 0, account},
		{10, 0, instagram.Reconnect, 0, account},
		{200, 0, instagram.Reconnect, 0, account},
		{299, 0, instagram.Reconnect, 0, account},
		{300, 0, instagram.Retry, 0, 0},
		{368, 0, instagram.Wait, time.Hour, account | owner},
		{12345, 67890, instagram.Retry, 0, 0},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d/%d", test.code, test.subcode), func(t *testing.T) {
			t.Parallel()
			for _, op := range []instagram.Op{"create", "status", "media", "quota", "publish"} {
				err := fmt.Errorf("wrapped: %w",
					&instagram.Error{Op: op, HTTPStatus: 400, Code: test.code, Subcode: test.subcode,
						UserMessage: "Meta's own words"})
				got := instagram.Classify(err)
				want, beneath := test.want, instagram.Action("")
				proof := test.subcode == 2207027 || test.subcode == 2207042
				if op == "publish" && !proof {
					want, beneath = instagram.Ambiguous, test.want
				}
				require.Equal(t, want, got.Action, op)
				require.Equal(t, beneath, got.IfNotLive, op)
				require.Equal(t, test.after, got.After, op)
				require.Equal(t, test.flags&account != 0, got.Account, op)
				require.Equal(t, test.flags&owner != 0, got.Owner, op)
				require.Contains(t, got.Reason.String(), "Meta's own words")
				require.Regexp(t, `^[A-Z]`, got.Reason.String())
			}
		})
	}
}

func TestClassifyTheRest(t *testing.T) {
	t.Parallel()
	dial := errors.New("dial tcp: connection refused")
	tests := map[string]struct {
		err     error
		want    instagram.Action
		account bool
	}{
		"no error":           {nil, "", false},
		"gateway":            {&instagram.Error{Op: "status", HTTPStatus: 502}, instagram.Retry, false},
		"gateway at publish": {&instagram.Error{Op: "publish", HTTPStatus: 502}, instagram.Ambiguous, false},
		"429":                {&instagram.Error{Op: "status", HTTPStatus: 429}, instagram.Retry, true},
		"never sent":         {&instagram.TransportError{Op: "publish", Err: dial}, instagram.Retry, true},
		"lost": {&instagram.TransportError{Op: "publish", Sent: true, Err: dial},
			instagram.Ambiguous, true},
		"lost, another call": {&instagram.TransportError{Op: "create", Sent: true, Err: dial},
			instagram.Retry, true},
		"our stop": {&instagram.TransportError{Op: "status", Sent: true, Err: context.Canceled},
			instagram.Retry, true},
		"our stop during publish": {&instagram.TransportError{Op: "publish", Sent: true, Err: context.Canceled},
			instagram.Ambiguous, true},
		"our stop before publish": {&instagram.TransportError{Op: "publish", Err: context.Canceled},
			instagram.Retry, true},
		"a bare stop":               {context.Canceled, instagram.Retry, true},
		"nothing of ours":           {dial, instagram.Retry, false},
		"9007 alone proves nothing": {&instagram.Error{Op: "publish", Code: 9007}, instagram.Ambiguous, false},
		"the subcode alone neither": {&instagram.Error{Op: "publish", Subcode: 2207027}, instagram.Ambiguous, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := instagram.Classify(test.err)
			require.Equal(t, test.want, got.Action)
			require.Equal(t, test.account, got.Account)
			require.Equal(t, test.err == nil, got.Reason.IsZero())
		})
	}
	require.Equal(t, 7*time.Minute,
		instagram.Classify(&instagram.Error{Code: 80002, RegainAfter: 7 * time.Minute}).After)
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	code := func(code, subcode int) error {
		return fmt.Errorf("wrapped: %w", &instagram.Error{Op: "publish", Code: code, Subcode: subcode})
	}
	require.True(t, instagram.IsNotReady(code(9007, 2207027)))
	require.False(t, instagram.IsNotReady(code(9007, 0)))
	require.True(t, instagram.IsQuotaSpent(code(9, 2207042)))
	require.True(t, instagram.IsTokenDead(code(190, 463)))
	require.True(t, instagram.IsTokenDead(code(102, 0)))
	for _, e := range []error{code(100, 33), code(24, 2207006), code(24, 2207008)} {
		require.True(t, instagram.IsUnreadable(e))
	}
	require.False(t, instagram.IsUnreadable(code(100, 0)))
	require.False(t, instagram.IsTokenDead(context.Canceled))
}

func TestMeaning(t *testing.T) {
	t.Parallel()
	require.Equal(t, "The video's format is not supported.", instagram.Meaning(0, 2207026, "").String())
	require.Equal(t, "The video's format is not supported. Instagram says: no",
		instagram.Meaning(0, 2207026, "no").String())
	require.True(t, instagram.Meaning(190, 460, "").Is(reason.InstagramTokenPassword))
	require.True(t, instagram.Meaning(190, 0, "").Is(reason.InstagramToken))
	require.True(t, instagram.Meaning(0, 2207099, "").IsZero())
	require.True(t, instagram.Meaning(0, 0, "").IsZero())
}

func TestClassifyNamesTheParameter(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		op        instagram.Op
		message   string
		code, sub int
		want      string
	}{
		{"create", "INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID", 100, 0, "location_id"},
		{"create", "(#100) param collaborators is not allowed", 100, 0, "collaborators"},
		{"create", "(#100) Invalid user_tags format", 100, 0, "user_tags"},
		{"create", "Invalid user id", 110, 0, "user_tags"},
		{"create", "(#100) Param image_url is needed", 100, 0, ""},
		{"create", "The caption was too long for this location", 36004, 2207010, ""},
		{"create", "Unsupported get request, not in this location", 100, 33, ""},
		{"create", "Try another location later", 2, 0, ""},
		{"status", "INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID", 100, 0, ""},
	} {
		v := instagram.Classify(&instagram.Error{Op: tc.op, HTTPStatus: 400, Code: tc.code, Subcode: tc.sub,
			Message: tc.message})
		require.Equal(t, tc.want, v.Param, tc.message)
		if tc.want != "" {
			require.Equal(t, instagram.Reject, v.Action, tc.message)
		}
	}
}
