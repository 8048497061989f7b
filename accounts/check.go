package accounts

import (
	"context"
	"errors"
	"time"

	"postern/instagram"
	"postern/store"
	"postern/words"
)

// tokenLife is how long a token lasts from the day it was made.
const tokenLife = 60 * 24 * time.Hour

// Check looks at everything an account needs for publishing, and says in plain words what is wrong and what to
// do. What it learns about the quota is kept.
func (a *Accounts) Check(ctx context.Context, id int64) []store.Finding {
	return a.check(ctx, id, true)
}

// CheckReadOnly does what Check does and stores nothing.
func (a *Accounts) CheckReadOnly(ctx context.Context, id int64) []store.Finding {
	return a.check(ctx, id, false)
}

func (a *Accounts) check(ctx context.Context, id int64, keep bool) []store.Finding {
	acc, err := a.store.Account(ctx, id)
	if err != nil {
		remedy := words.SeeAccounts
		if !errors.Is(err, store.ErrNotFound) {
			remedy = words.CheckDatabase
		}
		return []store.Finding{{Check: "account", Detail: err.Error(), Remedy: remedy}}
	}
	if !acc.RemovedAt.IsZero() {
		return []store.Finding{{Check: "account", Detail: words.AccountRemoved(acc.Name()),
			Remedy: words.AddAccountAgain}}
	}
	found := []store.Finding{a.checkSecrets(acc)}
	if !found[0].OK {
		return found
	}
	client, err := a.stored(acc)
	if err != nil {
		return append(found, store.Finding{Check: "instagram", Detail: err.Error(),
			Remedy: words.StartSimulator})
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
		f.Detail, f.Remedy = words.TokenMissing, words.MakeTokenInApp
		return f
	}
	for column, sealed := range map[string][]byte{columnAppSecret: acc.Secrets.AppSecret,
		columnToken: acc.Secrets.Token, columnPrevious: acc.Secrets.TokenPrevious} {
		if _, err := a.open(acc.ID, column, sealed); err != nil {
			f.Detail, f.Remedy = err.Error(), words.PutKeyBack
			return f
		}
	}
	f.OK, f.Detail = true, words.SecretsOpen
	return f
}

// checkUser asks who the token belongs to. Its first finding is whether Instagram answers at all.
func (a *Accounts) checkUser(ctx context.Context, acc store.Account, client *instagram.Client) []store.Finding {
	api := store.Finding{Check: "instagram"}
	p, err := client.Me(ctx)
	if err != nil {
		api.Fail(refuse(err).finding())
		return []store.Finding{api}
	}
	api.OK, api.Detail = true, words.InstagramAnswersAs(at(p.Username, userID(p)))
	user := store.Finding{Check: "user", OK: same(p, acc.UserID),
		Detail: words.TokenBelongsTo(at(p.Username, userID(p)))}
	if wanted := at(acc.Username, acc.UserID); !user.OK {
		user.Fail(words.TokenBelongsToOther(at(p.Username, userID(p)), wanted), words.MakeTokenFor(wanted),
			GuidePath(StepToken))
	}
	kind := store.Finding{Check: "account type", OK: true, Detail: p.AccountType}
	if p.AccountType == "" {
		kind.Detail = words.AccountTypeUnsaid
	}
	if no := professional(p); no != nil {
		kind.Fail(refuse(no).finding())
	}
	return []store.Finding{api, user, kind}
}

func (a *Accounts) checkQuota(ctx context.Context, acc store.Account, client *instagram.Client,
	keep bool) store.Finding {
	f := store.Finding{Check: "quota"}
	q, err := client.Quota(ctx)
	if err != nil {
		f.Fail(refuse(err).finding())
		return f
	}
	if keep {
		if err := a.keepQuota(ctx, acc.ID, q); err != nil {
			f.Detail, f.Remedy = err.Error(), words.CheckDatabase
			return f
		}
	}
	acc.QuotaUsed, acc.QuotaAt = q.Used, time.Now()
	used, err := a.Used(ctx, acc)
	if err != nil {
		f.Detail, f.Remedy = err.Error(), words.CheckDatabase
		return f
	}
	f.OK, f.Detail = true, words.QuotaUsed(used, q.Total)
	return f
}

func checkToken(acc store.Account, now time.Time) store.Finding {
	h := Health(acc, now)
	f := store.Finding{Check: "access token", OK: true}
	age := now.Sub(acc.TokenAt)
	switch {
	case h.Ends.Before(now) && !h.Known:
		f.Fail(words.TokenNeverRefreshed(age), words.MakeTokenInApp, "")
	case h.Ends.Before(now):
		f.Fail(words.TokenExpiredOn(h.Ends), words.MakeTokenInApp, "")
	case h.Days < firstWarning && h.Known: // refreshing has failed for weeks, or nothing was running
		f.Fail(words.TokenNotRefreshed(h.Ends, h.Days), words.KeepServeRunning, "")
	case !h.Known:
		f.Detail = words.TokenExpiryUnknown(age)
	default:
		f.Detail = words.TokenOK(age, h.Ends, h.Days)
	}
	return f
}

func checkTrouble(acc store.Account, now time.Time) store.Finding {
	f := store.Finding{Check: "publishing", OK: true, Detail: words.PublishingOK}
	switch {
	case acc.Trouble == store.Reconnect:
		f.OK, f.Detail, f.Remedy = false, acc.Problem.String(), words.MakeTokenInApp
	case acc.Trouble == store.Wait && acc.WaitUntil.After(now):
		f.OK, f.Detail = false, acc.Problem.String()
		f.Remedy = words.AccountContinues(words.Clock(acc.WaitUntil, now))
	case !acc.Problem.IsZero() && acc.Trouble == "":
		f.OK, f.Detail, f.Remedy = false, acc.Problem.String(), words.WaitOrMakeTokenInApp
	case acc.Paused:
		f.Detail = words.PublishingPaused
	}
	return f
}
