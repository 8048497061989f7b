package instagram_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

func TestCauseOf(t *testing.T) {
	t.Parallel()
	unsupported := instagram.Error{Op: "me", HTTPStatus: 400, Code: 100, Type: "IGApiException",
		Message: "Unsupported request - method type: get"}
	publish := unsupported
	publish.Op = "publish"
	for want, errs := range map[instagram.Cause][]error{
		instagram.CauseUnreachable: {&instagram.TransportError{Op: "me", Err: errors.New("EOF")}},
		instagram.CauseTokenUnknown: {answer("me", 190, 0, "Invalid OAuth access token"), answer("me", 190, 467, ""),
			answer("me", 102, 0, "")},
		instagram.CauseTokenExpired:    {answer("me", 190, 463, "Session has expired")},
		instagram.CausePasswordChanged: {answer("quota", 190, 460, "")},
		instagram.CauseAppRemoved:      {answer("me", 190, 458, "")},
		instagram.CauseAppDeactivated: {
			answer("me", 200, 0, "API access deactivated. To reactivate, go to the app dashboard."),
			answer("me", 190, 0, "Error validating application. Application has been deleted.")},
		instagram.CauseAppUnknown: {answer("exchange", 400, 0, "Error validating client secret."),
			answer("exchange", 400, 0, "Invalid platform app")},
		instagram.CauseNotTester:       {&unsupported, answer("exchange", 400, 0, "Insufficient developer role")},
		instagram.CauseNotProfessional: {answer("quota", 10, 0, "(#10) The user is not an Instagram Business")},
		instagram.CausePermission: {
			answer("me", 10, 0, "(#10) Application does not have permission for this action"),
			answer("quota", 200, 0, "Permissions error"), answer("me", 3, 0, "")},
		instagram.CauseCheckpoint: {answer("me", 190, 459, ""), answer("quota", 25, 2207050, ""),
			answer("me", 368, 0, "")},
		instagram.CauseCodeSpent: {answer("exchange", 400, 0, "Matching code was not found or was already used")},
		instagram.CauseRedirect:  {answer("exchange", 400, 0, "Please make sure your redirect_uri is identical")},
		instagram.CauseOther: {nil, errors.New("anything"), answer("me", 2, 0, "temporary"),
			answer("me", 4, 0, "limit"), answer("me", 100, 33, "does not exist"), &publish},
	} {
		for _, err := range errs {
			require.Equal(t, want, instagram.CauseOf(err), "%v", err)
			if err != nil {
				require.Equal(t, want, instagram.CauseOf(fmt.Errorf("asking: %w", err)), "%v", err)
			}
		}
	}
	require.Equal(t, instagram.Reconnect, instagram.Classify(&unsupported).Action, "only the owner can help")
	require.Equal(t, instagram.Ambiguous, instagram.Classify(&publish).Action)
}

func answer(op instagram.Op, code, subcode int, message string) *instagram.Error {
	return &instagram.Error{Op: op, HTTPStatus: 400, Code: code, Subcode: subcode, Message: message,
		Type: "OAuthException"}
}

func TestAddressesFollowTheAPI(t *testing.T) {
	t.Parallel()
	for api, want := range map[string][2]string{
		"": {"https://www.instagram.com/oauth/authorize?",
			"https://www.instagram.com/a.b/"},
		"https://graph.instagram.com/": {"https://www.instagram.com/oauth/authorize?",
			"https://www.instagram.com/a.b/"},
		"http://127.0.0.1:9000/base/": {"http://127.0.0.1:9000/base/oauth/authorize?",
			"http://127.0.0.1:9000/base/a.b/"},
	} {
		to, err := instagram.AuthorizeURL("", api, "1", "https://us/cb", "s", instagram.PermissionBasic)
		require.NoError(t, err)
		require.Equal(t,
			want[0]+
				"client_id=1&redirect_uri=https%3A%2F%2Fus%2Fcb&response_type=code&scope=instagram_business_basic&state=s", to)
		require.Equal(t, want[1], instagram.ProfileURL(api, "a.b"))
	}
	to, err := instagram.AuthorizeURL("https://log.in/here?x=1", "", "1", "https://us/cb", "s")
	require.NoError(t, err)
	require.Contains(t, to, "https://log.in/here?client_id=1&")
	require.Contains(t, to, "x=1")
	_, err = instagram.AuthorizeURL("://", "", "1", "https://us/cb", "s")
	require.Error(t, err)
}

func TestGrantLacks(t *testing.T) {
	t.Parallel()
	require.False(t, instagram.Grant{}.Lacks(instagram.PermissionPublish), "not told is not refused")
	require.True(t,
		instagram.Grant{Permissions: []string{instagram.PermissionBasic}}.Lacks(instagram.PermissionPublish))
	require.False(t, instagram.Grant{Permissions: []string{instagram.PermissionBasic}}.Lacks(instagram.PermissionBasic))
}
