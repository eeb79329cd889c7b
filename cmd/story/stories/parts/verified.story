story Somebody opens an account and is found to be who they say

first sign-up.story
first person.story
press 提交审核 | Submit for review
see   审核员正在审核 | Our reviewer is looking
as    reviewer
first approve.story
