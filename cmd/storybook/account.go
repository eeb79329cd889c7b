package main

func accountStories() []story { return nil }
