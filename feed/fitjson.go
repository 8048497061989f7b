package feed

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// fitJSONItem converts the members of an item to the types that the format requires, for programs that write others:
// a number as an id, or one string as the list of tags. Only members that cannot be converted are dropped.
// https://www.jsonfeed.org/version/1.1/#items-a-name-items-a
func fitJSONItem(raw json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	return json.Marshal(fitMembers(members, fitJSON))
}

func fitMembers(members map[string]json.RawMessage,
	fit func(name string, v json.RawMessage) json.RawMessage) map[string]json.RawMessage {
	fitted := make(map[string]json.RawMessage, len(members))
	for name, v := range members {
		if v = fit(name, v); v != nil {
			fitted[name] = v
		}
	}
	return fitted
}

// fitJSON returns one member of an item in the required type; nil if it cannot be converted.
func fitJSON(name string, v json.RawMessage) json.RawMessage {
	switch name {
	case "id", "url", "external_url", "title", "content_html", "content_text", "summary", "date_published",
		"date_modified", "language":
		return fitText(v)
	case "image", "banner_image":
		return fitAddress(v)
	case "tags":
		return fitTags(v)
	case "author":
		if list := fitList(v, fitAuthor); len(list) > 0 {
			return list[0]
		}
		return nil
	case "authors":
		return array(fitList(v, fitAuthor))
	case "attachments":
		return array(fitList(v, fitAttachment))
	}
	return v
}

// fitText returns a string; it converts numbers and booleans, and returns nil for objects and arrays.
func fitText(v json.RawMessage) json.RawMessage {
	switch v[0] {
	case '"', 'n':
		return v
	case '{', '[':
		return nil
	}
	return json.RawMessage(strconv.Quote(string(v)))
}

// fitAddress returns a URL as a string. It accepts a list, of which it takes the first element, and an object with a
// member "url".
func fitAddress(v json.RawMessage) json.RawMessage {
	list := elements(v)
	if len(list) == 0 {
		return nil
	}
	first := list[0]
	var picture struct {
		URL json.RawMessage `json:"url"`
	}
	if first[0] == '{' && json.Unmarshal(first, &picture) == nil && len(picture.URL) > 0 {
		first = picture.URL
	}
	if first[0] != '"' {
		return nil
	}
	return first
}

// fitTags returns a list of strings. It splits a single string at commas.
func fitTags(v json.RawMessage) json.RawMessage {
	var text string
	if v[0] != '"' || json.Unmarshal(v, &text) != nil {
		return array(fitList(v, fitText))
	}
	tags := []string{}
	for tag := range strings.SplitSeq(text, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	list, _ := json.Marshal(tags)
	return list
}

// fitAuthor returns an author object. It accepts a string as the name.
func fitAuthor(v json.RawMessage) json.RawMessage {
	var members map[string]json.RawMessage
	switch {
	case v[0] == '"':
		members = map[string]json.RawMessage{"name": v}
	case v[0] != '{' || json.Unmarshal(v, &members) != nil:
		return nil
	}
	author, _ := json.Marshal(fitMembers(members, func(_ string, v json.RawMessage) json.RawMessage {
		return fitText(v)
	}))
	return author
}

// fitAttachment returns an attachment object. It accepts a string as the URL, and drops a size or duration that is
// not a whole number.
func fitAttachment(v json.RawMessage) json.RawMessage {
	var members map[string]json.RawMessage
	switch {
	case v[0] == '"':
		members = map[string]json.RawMessage{"url": v}
	case v[0] != '{' || json.Unmarshal(v, &members) != nil:
		return nil
	}
	attachment, _ := json.Marshal(fitMembers(members, func(name string, v json.RawMessage) json.RawMessage {
		if name != "size_in_bytes" && name != "duration_in_seconds" {
			return fitText(v)
		}
		if _, err := strconv.ParseInt(string(v), 10, 64); err != nil {
			return nil
		}
		return v
	}))
	return attachment
}

// elements returns the elements of a list. Any other value is returned as the only element.
func elements(v json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if v[0] == '[' && json.Unmarshal(v, &list) == nil {
		return list
	}
	return []json.RawMessage{v}
}

func fitList(v json.RawMessage, fit func(json.RawMessage) json.RawMessage) (list []json.RawMessage) {
	for _, e := range elements(v) {
		if e = fit(e); e != nil {
			list = append(list, e)
		}
	}
	return list
}

func array(list []json.RawMessage) json.RawMessage {
	parts := make([][]byte, len(list))
	for i, v := range list {
		parts[i] = v
	}
	return append(append([]byte{'['}, bytes.Join(parts, []byte{','})...), ']')
}
