"""Telling other systems what happened, as Standard Webhooks.

`registry` keeps who listens, `fanout` reads the ledger's feed and queues what each may hear, `relay` sends what is
due. The rest are rules: `topics`, `addresses`, `disclosure` (what a message says), `signing`, `backoff`; `posting` is
the HTTP.
"""
