// Asks again for the stream of events when the first answer was none: the extension comes back to a stream that broke
// off, but not to one that never began, as when Postern, or the proxy before it, was starting again.
(() => {
	"use strict";
	const first = 2000, most = 60000;
	let wait = first;
	document.addEventListener("htmx:finally:request", e => {
		const {ctx} = e.detail, source = ctx.sourceElement;
		if (source?.id !== "events") return;
		const answer = ctx.response?.raw;
		if (answer?.headers.get("Content-Type")?.startsWith("text/event-stream")) {
			wait = first;
			return;
		}
		if (answer?.status === 401) return; // logged out: the next page says so
		setTimeout(() => { if (source.isConnected) htmx.ajax("GET", source.getAttribute("hx-sse:connect"), {source}); }, wait);
		wait = Math.min(2 * wait, most);
	});
})();
