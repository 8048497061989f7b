package words

import "fmt"

// The page that shows when posts go out.
const (
	ScheduleTitle     = "Schedule"
	ScheduleAccounts  = "Accounts"
	ScheduleLead      = "When each waiting post goes out, if nothing changes."
	ScheduleNoAccount = "Connect an account, and its schedule stands here."
	ScheduleEmptyDay  = "Nothing is planned."
	ScheduleFree      = "Free slot"
	ScheduleAtOnce    = "As soon as possible"
	ScheduleSlots     = "Weekly slots"
	ScheduleQuiet     = "Quiet hours"
	ScheduleChange    = "Change these settings"
	ScheduleEarlier   = "Earlier"
	ScheduleLater     = "Later"
	ScheduleWeeks     = "Weeks"
	ScheduleGrid      = "The profile after that"
	ScheduleGridLead  = "The grid as it will look once these posts are out, newest first. Planned posts show their time."
	ScheduleDecisions = "Show these posts"
	ScheduleToday     = "Today"
	ScheduleTomorrow  = "Tomorrow"
	ScheduleThisWeek  = "See the schedule"
)

// ScheduleTimesIn says in which time zone the page shows its times.
func ScheduleTimesIn(zone string) string {
	return fmt.Sprintf("Times are in the time zone %s.", zone)
}

// SchedulePaused says that the times hold once the account is resumed.
func SchedulePaused(account string) string {
	return fmt.Sprintf("%s is paused, so nothing goes out. The times below are those if you resumed it now.", account)
}

// ScheduleReconnect says that the times hold once the account is connected again.
func ScheduleReconnect(account string) string {
	return fmt.Sprintf("%s has to be connected again, so nothing goes out. The times below are those if you did that now.",
		account)
}

// ScheduleUndecided counts the posts that have no time because their owner has to decide.
func ScheduleUndecided(posts int) string {
	if posts == 1 {
		return "1 post has no time yet, because it needs your decision."
	}
	return fmt.Sprintf("%d posts have no time yet, because they need your decision.", posts)
}

// ScheduleMore counts the posts of a day that the page leaves out.
func ScheduleMore(posts int) string {
	if posts == 1 {
		return "1 more post on this day"
	}
	return fmt.Sprintf("%d more posts on this day", posts)
}

// ScheduleBeyond counts the posts that go out after the days on the page.
func ScheduleBeyond(posts int, day string) string {
	if posts == 1 {
		return fmt.Sprintf("1 more post goes out later, on %s.", day)
	}
	return fmt.Sprintf("%d more posts go out later, the last one on %s.", posts, day)
}

// ScheduleTile names a planned post on the grid.
func ScheduleTile(title, at string) string {
	return fmt.Sprintf("%s, planned for %s", title, at)
}
