"""API Gateway's REST APIs, served from what a program deployed.

Routes, models, validators, CORS, gateway responses, binary types, throttles, plans and keys are read from the RestApi's
body, its stage and its usage plan; nothing about an API is hard-coded here. Mapping templates (VTL) are not
interpreted.
"""
