package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/instagram"
	"postern/store"
)

// tokenLife is how long a token lasts from the day it was made.
const tokenLife = 60 * 24 * time.Hour

const (
	remedyToken = "make a new access token in the app dashboard and connect the account again"
	remedyLater = "try again later; nothing is lost meanwhile"
)

// Check looks at everything an account needs for publishing, and says in plain words what is wrong and what to
// do. What it learns about the quota is kept.
func (a *Accounts) Check(ctx context.Context, id int64) []store.Finding {
	return a.check(ctx, id, true)
}

// Look is Check for whoever may change nothing.
func (a *Accounts) Look(ctx context.Context, id int64) []store.Finding {
	return a.check(ctx, id, false)
}

func (a *Accounts) check(ctx context.Context, id int64, keep bool) []store.Finding {
	acc, err := a.store.Account(ctx, id)
	if err != nil {
		remedy := "look at the list of accounts"
		if !errors.Is(err, store.ErrNotFound) {
			remedy = "check the database"
		}
		return []store.Finding{{Check: "account", Detail: err.Error(), Remedy: remedy}}
	}
	if !acc.RemovedAt.IsZero() {
		return []store.Finding{{Check: "account", Detail: acc.Name() + " was removed", Remedy: "add it again"}}
	}
	found := []store.Finding{a.checkSecrets(acc)}
	if !found[0].OK {
		return found
	}
	client, err := a.stored(acc)
	if err != nil {
		return append(found, store.Finding{Check: "instagram", Detail: err.Error(),
			Remedy: "start the simulated Instagram, or remove the account"})
	}
	if !keep {
		client.OnUsage = nil
	}
	found = append(found, a.checkUser(ctx, acc, client)...)
	if found[1].OK {
		found = append(found, a.checkQuota(ctx, acc, client, keep))
	}
	return append(found, checkToken(acc, time.Now()), checkTrouble(acc, time.Now()))
}

func (a *Accounts) checkSecrets(acc store.Account) store.Finding {
	f := store.Finding{Check: "secrets"}
	if len(acc.Secrets.Token) == 0 {
		f.Detail, f.Remedy = "there is no access token", remedyToken
		return f
	}
	for column, sealed := range map[string][]byte{columnAppSecret: acc.Secrets.AppSecret,
		columnToken: acc.Secrets.Token, columnPrevious: acc.Secrets.TokenPrevious} {
		if _, err := a.open(acc.ID, column, sealed); err != nil {
			f.Detail, f.Remedy = err.Error(),
				"put the secret.key back that belongs to this database, or connect the account again"
			return f
		}
	}
	f.OK, f.Detail = true, "the stored secrets can be opened"
	return f
}

// checkUser asks who the token belongs to. Its first finding is whether Instagram answers at all.
func (a *Accounts) checkUser(ctx context.Context, acc store.Account, client *instagram.Client) []store.Finding {
	api := store.Finding{Check: "instagram"}
	p, err := client.Me(ctx)
	if err != nil {
		api.Fail(refuse(err).words())
		return []store.Finding{api}
	}
	api.OK, api.Detail = true, "Instagram answers as "+at(p.Username, userID(p))
	user := store.Finding{Check: "user", OK: same(p, acc.UserID),
		Detail: "the token belongs to " + at(p.Username, userID(p))}
	if !user.OK {
		user.Detail += ", not to " + at(acc.Username, acc.UserID)
		user.Remedy, user.Guide = "make an access token for "+at(acc.Username, acc.UserID)+
			" and connect the account again", GuidePath(StepToken)
	}
	kind := store.Finding{Check: "account type", OK: true, Detail: p.AccountType}
	if p.AccountType == "" {
		kind.Detail = "Instagram does not say; it answers for professional accounts only"
	}
	if no := professional(p); no != nil {
		kind.Fail(refuse(no).words())
	}
	return []store.Finding{api, user, kind}
}

func (a *Accounts) checkQuota(ctx context.Context, acc store.Account, client *instagram.Client,
	keep bool) store.Finding {
	f := store.Finding{Check: "quota"}
	q, err := client.Quota(ctx)
	if err != nil {
		f.Fail(refuse(err).words())
		return f
	}
	if keep {
		if err := a.keepQuota(ctx, acc.ID, q); err != nil {
			f.Detail, f.Remedy = err.Error(), "check the database"
			return f
		}
	}
	acc.QuotaUsed, acc.QuotaAt = q.Used, time.Now()
	used, err := a.Used(ctx, acc)
	if err != nil {
		f.Detail, f.Remedy = err.Error(), "check the database"
		return f
	}
	f.OK, f.Detail = true, fmt.Sprintf("%d of %d posts used in the last 24 hours", used, q.Total)
	if used >= q.Total {
		f.Detail += "; a place becomes free 24 hours after each post, publishing goes on by itself"
	}
	return f
}

func checkToken(acc store.Account, now time.Time) store.Finding {
	h := Health(acc, now)
	f := store.Finding{Check: "access token", OK: true, Detail: "stored or refreshed " + ago(now.Sub(acc.TokenAt))}
	ends := fmt.Sprintf("%s, in %s", h.Ends.Format("2 January 2006"), days(h.Days))
	switch {
	case h.Ends.Before(now) && !h.Known:
		f.OK, f.Detail, f.Remedy = false, f.Detail+" and never refreshed: it has expired", remedyToken
	case h.Ends.Before(now):
		f.OK, f.Detail, f.Remedy = false, "it expired on "+h.Ends.Format("2 January 2006"), remedyToken
	case h.Days < firstWarning && h.Known: // refreshing has failed for weeks, or nothing was running
		f.OK, f.Remedy = false, "let postern serve run, it refreshes daily; if it did run, "+remedyToken
		f.Detail = "it could not be refreshed lately and expires on " + ends
	case !h.Known:
		f.Detail += "; when it expires is known after the next refresh"
	default:
		f.Detail += ", expires on " + ends
	}
	return f
}

func checkTrouble(acc store.Account, now time.Time) store.Finding {
	f := store.Finding{Check: "publishing", OK: true, Detail: "nothing is in its way"}
	switch {
	case acc.Trouble == store.Reconnect:
		f.OK, f.Detail, f.Remedy = false, acc.Problem.String(), remedyToken
	case acc.Trouble == store.Wait && acc.WaitUntil.After(now):
		f.OK, f.Detail = false, acc.Problem.String()
		f.Remedy = "it goes on by itself at " + clock(acc.WaitUntil) + "; look into the Instagram app for a notice"
	case !acc.Problem.IsZero() && acc.Trouble == "":
		f.OK, f.Detail, f.Remedy = false, acc.Problem.String(), "it is tried again by itself; if it stays, "+remedyToken
	case acc.Paused:
		f.Detail = "it is paused"
	}
	return f
}

func ago(d time.Duration) string {
	switch days := int(d / (24 * time.Hour)); {
	case days > 1:
		return fmt.Sprintf("%d days ago", days)
	case days == 1:
		return "a day ago"
	}
	return "less than a day ago"
}
