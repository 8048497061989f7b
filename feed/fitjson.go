package feed

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// fitJSONItem returns an item with the types that the format gives its members, where a program writes others: a number
// for an id, a text for the list of tags. A member that cannot be read costs only itself.
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

// fitJSON returns one member of an item in the type that it should have; nil where it cannot have it.
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

// fitText returns a text, also for a number; nil for anything else.
func fitText(v json.RawMessage) json.RawMessage {
	switch v[0] {
	case '"', 'n':
		return v
	case '{', '[':
		return nil
	}
	return json.RawMessage(strconv.Quote(string(v)))
}

// fitAddress returns an address, also that of the first picture in a list or of one with further members.
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

// fitTags returns a list of texts, also for one text with commas.
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

// fitAuthor returns an author, also for a mere name.
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

// fitAttachment returns an attachment without a size or length that is no whole number, also for a mere address.
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

// elements returns the elements of a list, and what is none as the only element of one.
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
