// Shows every instant by the clock of whoever looks, or of the zone that the settings name, and keeps "5 minutes ago" true on a page that stays open. Without
// this the page shows the clock of the server, with the name of its zone. The words are the browser's, in the page's language.
(() => {
	"use strict";
	const lang = document.documentElement.lang, locale = lang === "en" ? "en-GB" : lang;
	const format = options => new Intl.DateTimeFormat(locale, options);
	const clock = zone => {
		const part = options => format({...options, timeZone: zone});
		return {
			time: part({hour: "2-digit", minute: "2-digit", hourCycle: "h23"}),
			day: part({weekday: "short", day: "numeric", month: "short"}),
			date: part({day: "numeric", month: "short", year: "numeric"}),
			year: part({year: "numeric"}),
			exact: part({weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "longOffset"}),
			name: zone && zone !== here ? " " + zone : "",
		};
	};
	const here = Intl.DateTimeFormat().resolvedOptions().timeZone, clocks = {"": clock()};
	const clockOf = zone => {
		try { return clocks[zone] ??= clock(zone); } catch { return clocks[""]; } // a zone that this browser does not know
	};
	const between = new Intl.RelativeTimeFormat(locale, {numeric: "always"});
	const arrived = new Intl.RelativeTimeFormat(locale, {numeric: "auto"}).format(0, "second");
	// As words.go: below the first number of seconds, a unit of the second.
	const units = [[59.5, 1, "second"], [3570, 60, "minute"], [129600, 3600, "hour"], [5184000, 86400, "day"], [63072000, 2592000, "month"], [Infinity, 31536000, "year"]];

	const say = (e, words) => { if (e.textContent !== words) e.textContent = words; };
	const at = (c, t, now) => {
		const words = c.date.format(t) === c.date.format(now) ? "" :
			c.year.format(t) === c.year.format(now) ? c.day.format(t).replace(",", "") + ", " : c.date.format(t) + ", ";
		return words + c.time.format(t) + c.name;
	};
	const ago = (seconds, unit = units.find(u => Math.abs(seconds) < u[0])) => between.format(Math.round(seconds / unit[1]), unit[2]);
	const show = () => {
		const now = new Date();
		for (const e of document.querySelectorAll("time[datetime]")) {
			const t = new Date(e.dateTime);
			if (isNaN(t)) continue;
			const c = clockOf(e.dataset.zone || ""), hover = c.exact.format(t);
			if (e.title !== hover) e.title = hover;
			const shown = e.querySelector(".at"), relative = e.querySelector(".ago"), seconds = (t - now) / 1000;
			// What is to come is shown in whole minutes that are not before it.
			const whole = t > now ? new Date(Math.ceil(t / 60000) * 60000) : t;
			if (shown) say(shown, at(c, whole, now));
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
