package public

import (
	"context"
	"fmt"

	"yumen/locales"
)

// helpSlugs are the topics in the order of the index. A topic's texts are
// help.SLUG.title, .lead, and .h1 .p1, .h2 .p2 and so on.
var helpSlugs = []string{"register", "identity", "waiting", "refunds", "expiry", "names", "account", "complaints"}

// HelpTopics are all topics in the language of the context.
func HelpTopics(ctx context.Context) []HelpTopic {
	topics := make([]HelpTopic, 0, len(helpSlugs))
	for _, slug := range helpSlugs {
		id := func(part string) string { return "help." + slug + "." + part }
		t := HelpTopic{Slug: slug, Title: locales.T(ctx, id("title")), Lead: locales.T(ctx, id("lead"))}
		for n := 1; locales.Has(id(fmt.Sprintf("h%d", n))); n++ {
			t.Blocks = append(t.Blocks, Block{
				Heading:    locales.T(ctx, id(fmt.Sprintf("h%d", n))),
				Paragraphs: []string{locales.T(ctx, id(fmt.Sprintf("p%d", n)))},
			})
		}
		topics = append(topics, t)
	}
	return topics
}

// HelpTopicOf finds a topic by the last part of its address.
func HelpTopicOf(ctx context.Context, slug string) (HelpTopic, bool) {
	for _, t := range HelpTopics(ctx) {
		if t.Slug == slug {
			return t, true
		}
	}
	return HelpTopic{}, false
}
