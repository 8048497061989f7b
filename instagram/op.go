package instagram

import "net/http"

// Op names what a call of the API is for. Errors carry it, and the simulator counts and spoils calls by it.
type Op string

// The operations that Postern uses.
const (
	OpCreate    Op = "create"    // a container
	OpStatus    Op = "status"    // of a container
	OpPublish   Op = "publish"   // a container
	OpMedia     Op = "media"     // the posts and stories of the profile
	OpPermalink Op = "permalink" // of a media
	OpComments  Op = "comments"  // lists those of a media
	OpComment   Op = "comment"   // writes one
	OpDiscuss   Op = "discuss"   // lets people comment on a media, or no longer
	OpQuota     Op = "quota"     // how many posts the account may publish
	OpMe        Op = "me"        // whose token it is
	OpRefresh   Op = "refresh"   // a token
	OpExchange  Op = "exchange"  // a code, or a short-lived token, for a long-lived one
)

// The permissions that a token has.
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login
const (
	permissionBasic   = "instagram_business_basic"
	permissionPublish = "instagram_business_content_publish"
)

// Verb is one operation as it goes over the wire: /ID/EDGE, or /ROOT/EDGE for what is about no id.
type Verb struct {
	Op         Op
	Method     string
	Root       string // the first segment of the path where it is no id
	Edge       string // the second segment, "" for none
	OfAccount  bool   // the id is the account's
	Permission string // what the token needs, "" for none
}

// The verbs, each in this place alone: the client sends by them and the simulator answers by them.
var (
	verbCreate = Verb{Op: OpCreate, Method: http.MethodPost, Edge: "media", OfAccount: true,
		Permission: permissionPublish}
	verbPublish = Verb{Op: OpPublish, Method: http.MethodPost, Edge: "media_publish", OfAccount: true,
		Permission: permissionPublish}
	verbMedia = Verb{Op: OpMedia, Method: http.MethodGet, Edge: "media", OfAccount: true,
		Permission: permissionBasic}
	verbStories = Verb{Op: OpMedia, Method: http.MethodGet, Edge: "stories", OfAccount: true,
		Permission: permissionBasic}
	verbComments = Verb{Op: OpComments, Method: http.MethodGet, Edge: "comments"}
	verbComment  = Verb{Op: OpComment, Method: http.MethodPost, Edge: "comments"}
	verbDiscuss  = Verb{Op: OpDiscuss, Method: http.MethodPost}
	verbQuota    = Verb{Op: OpQuota, Method: http.MethodGet, Edge: "content_publishing_limit", OfAccount: true,
		Permission: permissionPublish}
	verbMe        = Verb{Op: OpMe, Method: http.MethodGet, Root: "me", OfAccount: true, Permission: permissionBasic}
	verbPermalink = Verb{Op: OpPermalink, Method: http.MethodGet, Permission: permissionBasic}
	verbStatus    = Verb{Op: OpStatus, Method: http.MethodGet, Permission: permissionBasic}
	verbRefresh   = Verb{Op: OpRefresh, Method: http.MethodGet, Root: "refresh_access_token",
		Permission: permissionBasic}
	verbCode  = Verb{Op: OpExchange, Method: http.MethodPost, Root: "oauth", Edge: "access_token"}
	verbShort = Verb{Op: OpExchange, Method: http.MethodGet, Root: "access_token"}
)

// Verbs returns every verb. Those that are told apart by the id alone stand one after the other.
func Verbs() []Verb {
	return []Verb{
		verbCreate, verbPublish, verbMedia, verbStories, verbComments, verbComment, verbDiscuss, verbQuota, verbMe, verbPermalink,
		verbStatus,
		verbRefresh, verbCode, verbShort,
	}
}

// VerbFor returns the first verb of an operation; the zero Verb for none.
func VerbFor(op Op) Verb {
	for _, v := range Verbs() {
		if v.Op == op {
			return v
		}
	}
	return Verb{}
}

// VerbOf returns the first verb of a method and a path /ID/EDGE; false where there is none.
func VerbOf(method, id, edge string) (Verb, bool) {
	var found Verb
	for _, v := range Verbs() {
		if v.Method != method || v.Edge != edge || v.Root != "" && v.Root != id {
			continue
		}
		if v.Root != "" { // more exact than any id
			return v, true
		}
		if found.Op == "" {
			found = v
		}
	}
	return found, found.Op != ""
}
