"""The LMS tool: LTI 1.3 Advantage logins, launches, deep linking, grades, rosters, registration.

Knows nothing of lessons' contents or of how answers are made. pylti1p3 writes messages and speaks to services; every
incoming message is verified here, because its own checks accept too much (design notes: docs/lti.md).
"""
