story A reviewer compares the profile with its papers and approves it

first review.story
first look.story
