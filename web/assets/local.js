// Shows every instant by the clock of whoever looks, and keeps "5 minutes ago" true on a page that stays open. Without
// this the page shows the clock of the server, with the name of its zone. The words are the browser's, in the page's language.
(() => {
	"use strict";
	const lang = document.documentElement.lang, locale = lang === "en" ? "en-GB" : lang;
	const format = options => new Intl.DateTimeFormat(locale, options);
	const time = format({hour: "2-digit", minute: "2-digit", hourCycle: "h23"});
	const day = format({weekday: "short", day: "numeric", month: "short"});
	const date = format({day: "numeric", month: "short", year: "numeric"});
	const exact = format({weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "longOffset"});
	const between = new Intl.RelativeTimeFormat(locale, {numeric: "always"});
	const arrived = new Intl.RelativeTimeFormat(locale, {numeric: "auto"}).format(0, "second");
	// As words.go: below the first number of seconds, a unit of the second.
	const units = [[59.5, 1, "second"], [3570, 60, "minute"], [129600, 3600, "hour"], [5184000, 86400, "day"], [63072000, 2592000, "month"], [Infinity, 31536000, "year"]];

	const say = (e, words) => { if (e.textContent !== words) e.textContent = words; };
	const at = (t, now) => {
		if (t.toDateString() === now.toDateString()) return time.format(t);
		return t.getFullYear() === now.getFullYear() ? day.format(t).replace(",", "") + ", " + time.format(t) : date.format(t) + ", " + time.format(t);
	};
	const ago = (seconds, unit = units.find(u => Math.abs(seconds) < u[0])) => between.format(Math.round(seconds / unit[1]), unit[2]);
	const show = () => {
		const now = new Date();
		for (const e of document.querySelectorAll("time[datetime]")) {
			const t = new Date(e.dateTime);
			if (isNaN(t)) continue;
			const hover = exact.format(t);
			if (e.title !== hover) e.title = hover;
			const clock = e.querySelector(".at"), relative = e.querySelector(".ago"), seconds = (t - now) / 1000;
			if (clock) say(clock, at(t, now));
			if (!relative) continue;
			if (relative.hasAttribute("data-next")) say(relative, seconds >= 1 ? ago(seconds) : arrived); // late is not "ago"
			else if (seconds <= -60) say(relative, ago(seconds)); // until then the server's "just now" is right
		}
	};
	show();
	// Parts that are read again bring the server's clock with them.
	new MutationObserver(show).observe(document.body, {childList: true, subtree: true, characterData: true});
	setInterval(show, 20000);
})();
