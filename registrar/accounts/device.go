package accounts

import "strings"

// Device puts a User-Agent header into a few words a person recognises, such
// as "Firefox · Windows". It is for the list of sessions only; nothing is
// decided by it.
func Device(userAgent string) string {
	browser := firstOf(userAgent, [][2]string{
		{"MicroMessenger", "WeChat"}, {"DingTalk", "DingTalk"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"HuaweiBrowser", "Huawei Browser"},
		{"MiuiBrowser", "Mi Browser"}, {"UCBrowser", "UC"}, {"QQBrowser", "QQ Browser"}, {"Quark", "Quark"}, {"SamsungBrowser", "Samsung Internet"},
		{"Firefox", "Firefox"}, {"Chrome", "Chrome"}, {"Chromium", "Chromium"}, {"Safari", "Safari"}, {"curl/", "curl"}, {"Go-http-client", "Go"},
	})
	system := firstOf(userAgent, [][2]string{
		{"HarmonyOS", "HarmonyOS"}, {"OpenHarmony", "HarmonyOS"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"},
		{"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	})
	switch {
	case browser == "" && system == "":
		return ""
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + " · " + system
}

func firstOf(s string, marks [][2]string) string {
	for _, m := range marks {
		if strings.Contains(s, m[0]) {
			return m[1]
		}
	}
	return ""
}
