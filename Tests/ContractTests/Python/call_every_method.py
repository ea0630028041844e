"""Calls every method of the contracts on a running stack, and checks what is documented of it.

    PYTHONPATH=STUBS python3 call_every_method.py READY_JSON SECRETS

Prints as JSON what was called. Every secret that took part is written to the file SECRETS, a line each, for whoever
checks that the services did not log it.
"""

import hashlib
import json
import os
import sys
import uuid

from grpc import StatusCode

import client

START = 1_750_000_000 // 3600 * 3600
ROWS = 240


class Run:
    def __init__(self, stack, secrets):
        self.stack = stack
        self.expect = stack.expect
        self.secrets = secrets
        token = lambda name: stack.stub("token-service", f"temporis.token.v1.{name}")
        predict = lambda name: stack.stub("predict-service", f"temporis.{name}")
        self.accounts = token("AccountService")
        self.tokens = token("AccessTokenService")
        # Whoever is not the verifier is refused: who_may_call.py.
        self.revocations = stack.stub("token-service", "temporis.token.v1.RevocationService", "auth-verifier")
        self.credentials = stack.stub("token-service", "temporis.token.v1.CredentialService", "auth-verifier")
        self.verifier = stack.stub("auth-verifier", "temporis.verifier.v1.VerifierService")
        self.envoy = stack.stub("auth-verifier", "envoy.service.auth.v3.Authorization")
        self.sources = predict("predict.v1.DataSourceService")
        self.profiles = predict("predict.v1.DataProfileService")
        self.predictions = predict("predict.v1.PredictionService")
        self.billing = predict("billing.v1.BillingService")

    def secret(self, value):
        """Notes a secret, to be looked for where none may be."""
        self.secrets.append(value)
        return value

    def everything(self):
        self.demo()
        self.account()
        self.sessions()
        self.access_tokens()
        self.verdicts()
        self.token_life()
        self.lease()
        self.card()
        self.data_source()
        self.data_profile()
        self.prediction()
        self.ends()
        for process in self.stack.ready["services"]:
            self.health(process)
            self.reflection(process)

    def demo(self):
        """The account that the stack comes with."""
        ready = self.stack.ready
        session, token = self.secret(ready["session"]), self.secret(ready["token"])
        account = self.accounts.call("GetAccount", session).account
        self.expect(account.email == ready["email"], "GetAccount answers the caller's account")
        parts = list(self.predictions.call(
            "Predict", token, data_profile="hourly_orders", count=3, temperature=1.0, top_p=0.9))
        self.expect(parts[0].WhichOneof("part") == "header", "Predict answers a header first")
        self.expect([p.WhichOneof("part") for p in parts[1:]] == ["trajectory"] * 3, "Predict answers `count` trajectories")

    def account(self):
        self.email = f"contract-{uuid.uuid4().hex}@example.com"
        self.password = self.secret(f"correct horse {uuid.uuid4().hex}")
        key = uuid.uuid4().hex
        sign_up = dict(email=self.email, password=self.password)
        self.account_id = self.accounts.call("CreateAccount", idempotency_key=key, **sign_up).account.id
        self.expect(self.account_id.startswith("acct_"), "CreateAccount answers the account")
        again = self.accounts.call("CreateAccount", idempotency_key=key, **sign_up).account.id
        self.expect(again == self.account_id, "CreateAccount with the same key answers the same account")
        self.accounts.refuses(StatusCode.ALREADY_EXISTS, "ACCOUNT_EXISTS", "CreateAccount", **sign_up)
        self.accounts.refuses(StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "CreateAccount", email="nobody")
        session = self.accounts.call("CreateSession", **sign_up)
        self.session = self.secret(session.secret)
        self.expect(session.secret.startswith("tss_"), "CreateSession answers a session's secret")
        self.expect(session.account.id == self.account_id, "CreateSession answers the account")
        self.expect(session.expire_time.seconds > session.account.create_time.seconds, "A session ends by itself")
        self.accounts.refuses(
            StatusCode.UNAUTHENTICATED, "SIGN_IN_FAILED", "CreateSession", email=self.email, password="wrong horse")
        self.accounts.refuses(StatusCode.UNAUTHENTICATED, "ACCESS_TOKEN_MISSING", "GetAccount")
        self.accounts.refuses(
            StatusCode.UNAUTHENTICATED, "ACCESS_TOKEN_INVALID", "GetAccount", "tss_" + "0" * 49)

    def sessions(self):
        """Where the account is signed in, and how that ends."""
        sign_in = lambda: self.secret(
            self.accounts.call("CreateSession", email=self.email, password=self.password).secret)
        ended = lambda session: self.accounts.refuses(
            StatusCode.UNAUTHENTICATED, "ACCESS_TOKEN_INVALID", "GetAccount", session)
        listed = lambda **fields: self.accounts.call("ListSessions", self.session, **fields)
        other, another = sign_in(), sign_in()
        first = listed(page_size=2)
        second = listed(page_size=2, page_token=first.next_page_token)
        sessions = [session for page in (first, second) for session in page.sessions]
        self.expect([s.current for s in sessions] == [False, False, True], "ListSessions lists the newest first, by pages")
        self.expect(all(s.id.startswith("ses_") for s in sessions), "A session has an id")
        self.accounts.call("DeleteSession", self.session, session_id=sessions[1].id)
        ended(other)
        self.accounts.refuses(
            StatusCode.NOT_FOUND, "SESSION_NOT_FOUND", "DeleteSession", self.session, session_id=sessions[1].id)
        self.accounts.call("DeleteSessions", self.session, keep_current=True)
        ended(another)
        self.expect([s.current for s in listed().sessions] == [True], "DeleteSessions keeps the current one if it is to")

        password, lost = self.secret(f"battery staple {uuid.uuid4().hex}"), sign_in()
        change = ("ChangePassword", self.session)
        self.accounts.refuses(
            StatusCode.INVALID_ARGUMENT, "new_password", *change, current_password=self.password, new_password="short")
        self.accounts.refuses(
            StatusCode.UNAUTHENTICATED, "SIGN_IN_FAILED", *change, current_password="wrong horse", new_password=password)
        changed = self.accounts.call(*change, current_password=self.password, new_password=password)
        before, self.session = self.session, self.secret(changed.secret)
        ended(before)
        ended(lost)
        self.expect(changed.secret.startswith("tss_"), "ChangePassword answers a session's secret")
        self.expect(changed.expire_time.seconds > sessions[0].create_time.seconds, "Its session ends by itself")
        self.accounts.refuses(
            StatusCode.UNAUTHENTICATED, "SIGN_IN_FAILED", "CreateSession", email=self.email, password=self.password)
        self.password = password
        account = self.accounts.call("GetAccount", self.session).account
        self.expect(account.id == self.account_id, "ChangePassword leaves the caller signed in")
        before, self.session = self.session, self.secret(self.accounts.call(
            "CreateSession", email=self.email, password=self.password, end_others=True).secret)
        ended(before)
        self.expect([s.current for s in listed().sessions] == [True], "CreateSession ends the others if it is to")
        last = sign_in()
        self.accounts.call("DeleteSessions", last)
        ended(last)
        ended(self.session)
        self.session = sign_in()

    def access_tokens(self):
        key = uuid.uuid4().hex
        created = self.tokens.call("CreateAccessToken", self.session, name="both", idempotency_key=key)
        self.token, self.token_id = self.secret(created.secret), created.access_token.id
        self.expect(created.secret.startswith("ts_"), "CreateAccessToken answers the token")
        self.expect(created.access_token.last_four == created.secret[-4:], "last_four are the secret's last four")
        again = self.tokens.call("CreateAccessToken", self.session, name="both", idempotency_key=key)
        self.expect(again.secret == "" and again.secret_already_shown, "A repeated key shows no secret again")
        self.expect(again.access_token.id == self.token_id, "A repeated key answers the same token")
        ingest = self.tokens.call("CreateAccessToken", self.session, name="ingest", permissions=[1])
        self.ingest_token = self.secret(ingest.secret)
        read = self.tokens.call("GetAccessToken", self.session, access_token_id=self.token_id).access_token
        self.expect(read == created.access_token, "GetAccessToken reads a token's record")
        self.tokens.refuses(
            StatusCode.NOT_FOUND, "ACCESS_TOKEN_NOT_FOUND", "GetAccessToken", self.session, access_token_id="tok_none")
        first = self.tokens.call("ListAccessTokens", self.session, page_size=1)
        second = self.tokens.call("ListAccessTokens", self.session, page_size=1, page_token=first.next_page_token)
        names = [t.name for page in (first, second) for t in page.access_tokens]
        self.expect(names == ["ingest", "both"], "ListAccessTokens lists the newest first, by pages")
        self.expect(second.next_page_token == "", "The last page has no next")
        self.tokens.refuses(StatusCode.PERMISSION_DENIED, "SESSION_REQUIRED", "ListAccessTokens", self.token)
        found = self.credentials.call("LookupCredential", secret_sha256=hashlib.sha256(self.token.encode()).digest())
        self.expect(found.credential.credential_id == self.token_id, "LookupCredential finds a token by its hash")
        none = self.credentials.call("LookupCredential", secret_sha256=bytes(32))
        self.expect(not none.HasField("credential"), "An unknown hash is an empty answer")
        self.credentials.refuses(StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "LookupCredential", secret_sha256=b"1")
        hashes = [bytes(32), hashlib.sha256(self.token.encode()).digest()]
        found = self.credentials.call("LookupCredentials", secret_sha256=hashes * 32)
        self.expect(
            [result.credential.credential_id for result in found.results] == ["", self.token_id] * 32,
            "LookupCredentials answers for each hash, in order")
        self.expect(found.position.tag != 0, "LookupCredentials says in which log it has looked")
        for wrong in [], [bytes(32)] * 65, [bytes(32), b"1"]:
            self.credentials.refuses(
                StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "LookupCredentials", secret_sha256=wrong)

    def verdicts(self):
        verify = lambda **fields: self.verifier.call("Verify", **fields)
        valid = verify(authorization=f"Bearer {self.token}", required_permission=2)
        self.expect(valid.verdict == 1, "A token that works is VALID")
        self.expect(valid.principal.account_id == self.account_id, "A principal acts for its account")
        self.expect(verify().verdict == 2, "No header is MISSING")
        self.expect(verify(authorization="Bearer ts_unknown").verdict == 3, "An unknown token is INVALID")
        denied = verify(authorization=f"Bearer {self.ingest_token}", required_permission=2)
        self.expect(denied.verdict == 4, "A token without the permission is PERMISSION_DENIED")

        ask = lambda header: self.envoy.call("Check", attributes={
            "source": {"address": {"socket_address": {"address": "192.0.2.1"}}},
            "request": {"http": {"method": "POST", "headers": header}}, "context_extensions": {"permission": "predict"}})
        checked = ask({"authorization": f"Bearer {self.token}"})
        headers = {option.header.key: option.header.value for option in checked.ok_response.headers}
        self.expect(headers.get("x-temporis-account-id") == self.account_id, "Check names the account")
        refused = {name: ask(header).denied_response.status.code for name, header in {
            "none": {}, "unknown": {"authorization": "Bearer ts_unknown"},
            "ingest": {"authorization": f"Bearer {self.ingest_token}"}}.items()}
        self.expect(refused == {"none": 401, "unknown": 401, "ingest": 403}, "Check refuses as the public API does")

    def token_life(self):
        """What can happen to a token, and that each change holds for the next verification."""
        created = self.tokens.call("CreateAccessToken", self.session, name="short-lived")
        secret, token_id = self.secret(created.secret), created.access_token.id
        valid = lambda value: self.verifier.call("Verify", authorization=f"Bearer {value}", required_permission=2).verdict
        on = dict(access_token_id=token_id)
        self.expect(valid(secret) == 1, "A new token is VALID")
        disabled = self.tokens.call("DisableAccessToken", self.session, **on)
        self.expect(valid(secret) == 3, "A disabled token is INVALID")
        self.expect(disabled.access_token.HasField("disable_time"), "DisableAccessToken answers since when")
        self.expect(disabled.receipt.revision > 0 and disabled.receipt.confirmations > 0, "A receipt names the revision")
        enabled = self.tokens.call("EnableAccessToken", self.session, **on)
        self.expect(valid(secret) == 1, "An enabled token is VALID again")
        self.expect(enabled.receipt.revision > disabled.receipt.revision, "Revisions grow")
        update = dict(access_token={"id": token_id, "name": "ingester", "permissions": [1]})
        changed = self.tokens.call(
            "UpdateAccessToken", self.session, update_mask={"paths": ["name", "permissions"]}, **update)
        self.expect(changed.access_token.name == "ingester", "UpdateAccessToken changes what the mask names")
        self.expect(valid(secret) == 4, "A permission that was taken away is missing")
        self.tokens.refuses(
            StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "UpdateAccessToken", self.session,
            update_mask={"paths": ["last_four"]}, **update)
        key = uuid.uuid4().hex
        rotate = dict(grace={"seconds": 3600}, idempotency_key=key, **on)
        rotated = self.tokens.call("RotateAccessToken", self.session, **rotate)
        self.expect(valid(self.secret(rotated.secret)) == 4 and valid(secret) == 4, "Both secrets work during the grace")
        self.expect(rotated.access_token.HasField("previous_secret_expire_time"), "A rotation says until when")
        again = self.tokens.call("RotateAccessToken", self.session, **rotate)
        self.expect(again.secret == "" and again.secret_already_shown, "A repeated rotation shows no secret again")
        deleted = self.tokens.call("DeleteAccessToken", self.session, **on)
        self.expect(valid(secret) == valid(rotated.secret) == 3, "A deleted token is INVALID")
        self.expect(deleted.receipt.duration.nanos > 0, "A receipt says how long it took")
        self.tokens.refuses(
            StatusCode.NOT_FOUND, "ACCESS_TOKEN_NOT_FOUND", "DeleteAccessToken", self.session, **on)
        records = self.accounts.call("ListAuditRecords", self.session, page_size=100).audit_records
        done = [record.action for record in records if record.subject_id == token_id]
        self.expect(done[0] == "access_token.delete" and done[-1] == "access_token.create", "Audit records tell it all")

    def lease(self):
        """What a verifier does to keep its lease."""
        session = os.urandom(16)
        registered = self.revocations.call("RegisterVerifier", session_id=session)
        self.expect(registered.lease.seconds >= 1, "RegisterVerifier grants a lease")
        self.expect(registered.position.revision > 0, "RegisterVerifier says where the log ends")
        renewed = self.revocations.call("RenewLease", session_id=session)
        self.expect(renewed.outcome == 1 and renewed.lease == registered.lease, "RenewLease extends the lease")
        stream = self.revocations.call(
            "WatchRevocations", messages=[{"session_id": session, "applied": registered.position}])
        self.expect(not next(stream).reset, "WatchRevocations resumes where the log is known")
        stream.cancel()
        self.revocations.call("EndLease", session_id=session)
        self.expect(self.revocations.call("RenewLease", session_id=session).outcome == 3, "EndLease ends the session")
        known = [{"account_id": self.account_id, "credential_id": self.token_id, "reason": 1, "count": 2}]
        self.credentials.call("ReportRefusals", refusals=known)
        records = self.accounts.call("ListAuditRecords", self.session).audit_records
        counts = [record.count for record in records if record.action == "credential.refuse_permission"]
        self.expect(2 in counts, "ReportRefusals counts in the audit records")

    def card(self):
        get = ("GetPaymentMethod", self.session)
        self.billing.refuses(StatusCode.NOT_FOUND, "PAYMENT_METHOD_NOT_FOUND", *get)
        put = self.billing.call("SetPaymentMethod", self.session, payment_method_reference="pm_card_visa")
        self.expect(put.payment_method.brand == "visa", "SetPaymentMethod answers the card")
        self.expect(self.billing.call(*get).payment_method == put.payment_method, "GetPaymentMethod reads the card on file")
        self.billing.refuses(
            StatusCode.INVALID_ARGUMENT, "PAYMENT_METHOD_UNKNOWN", "SetPaymentMethod", self.session,
            payment_method_reference="pm_none")

    def rows(self, source):
        yield {"header": {"data_source": source}}
        for start in range(0, ROWS, 100):
            hours = range(start, min(start + 100, ROWS))
            yield {"batch": {"records": [
                {"timestamp": START + 3600 * hour, "name": "orders", "value": 100.0 + hour % 24} for hour in hours]}}

    def data_source(self):
        source = self.sources.call("CreateDataSource", self.session, name="metrics").data_source
        self.expect(source.id.startswith("src_") and not source.archived, "CreateDataSource answers the source")
        self.sources.refuses(
            StatusCode.ALREADY_EXISTS, "DATA_SOURCE_EXISTS", "CreateDataSource", self.session, name="metrics")
        read = self.sources.call("GetDataSource", self.session, name="metrics").data_source
        self.expect(read == source, "GetDataSource reads what was created")
        stored = self.sources.call("Ingest", self.ingest_token, self.rows("metrics"))
        self.expect(stored.stored_records == ROWS, "Ingest answers how many rows it stored")
        self.sources.refuses(
            StatusCode.NOT_FOUND, "DATA_SOURCE_NOT_FOUND", "Ingest", self.token, self.rows("unknown"))
        listed = self.sources.call("ListDataSources", self.session).data_sources
        self.expect([s.name for s in listed] == ["metrics"], "ListDataSources lists the account's")
        (series,) = self.sources.call("ListSeries", self.session, data_source="metrics").series
        expected = ("orders", ROWS, START + 3600 * (ROWS - 1))
        self.expect((series.name, series.row_count, series.latest_timestamp) == expected, "ListSeries counts rows")
        archived = self.sources.call("ArchiveDataSource", self.session, name="metrics").data_source.archived
        self.expect(archived, "ArchiveDataSource stops ingestion")
        self.sources.refuses(
            StatusCode.FAILED_PRECONDITION, "DATA_SOURCE_ARCHIVED", "Ingest", self.token, self.rows("metrics"))
        archived = self.sources.call("UnarchiveDataSource", self.session, name="metrics").data_source.archived
        self.expect(not archived, "UnarchiveDataSource undoes it")
        first = dict(data_source="metrics", series="orders", end_timestamp={"value": START + 3600})
        looked = self.sources.call("DeleteRecords", self.session, validate_only=True, **first)
        deleted = self.sources.call("DeleteRecords", self.session, **first)
        self.expect(looked.deleted_records == deleted.deleted_records == 1, "DeleteRecords deletes what it says it would")
        self.sources.refuses(
            StatusCode.INVALID_ARGUMENT, "end_timestamp", "DeleteRecords", self.session,
            **{**first, "start_timestamp": {"value": START + 3600}})

    def data_profile(self):
        settings = {"data_source": "metrics", "names": ["orders"], "interval": 3600}
        create = lambda **fields: self.profiles.call("CreateDataProfile", self.session, **fields).data_profile
        profile = create(name="hourly", settings=settings)
        self.expect(profile.ready and len(profile.statistics) == 1, "A profile on enough data is ready")
        self.expect(profile.settings.patch_len.value == 16, "Defaults are filled in")
        self.expect(profile.forecast.step_seconds == 3600, "A profile says what its forecasts are like")
        self.profiles.refuses(
            StatusCode.NOT_FOUND, "DATA_SOURCE_NOT_FOUND", "CreateDataProfile", self.session, name="other",
            settings={**settings, "data_source": "unknown"})
        read = self.profiles.call("GetDataProfile", self.session, name="hourly").data_profile
        self.expect(read == profile, "GetDataProfile reads what was created")
        listed = self.profiles.call("ListDataProfiles", self.session).data_profiles
        self.expect(list(listed) == [profile], "ListDataProfiles lists the account's")
        update = dict(name="hourly", settings={"fill_limit": {"value": 5}})
        changed = self.profiles.call("UpdateDataProfile", self.session, update_mask={"paths": ["fill_limit"]}, **update)
        self.expect(changed.data_profile.settings.fill_limit.value == 5, "UpdateDataProfile changes what the mask names")
        self.expect(changed.data_profile.settings.interval == 3600, "UpdateDataProfile changes nothing else")
        self.profiles.refuses(
            StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "UpdateDataProfile", self.session,
            update_mask={"paths": ["no_such_setting"]}, **update)
        self.profile_context()
        self.public_profiles()

    def profile_context(self):
        """The history that a forecast continues."""
        read = lambda **fields: self.profiles.call("GetDataProfileContext", self.session, name="hourly", **fields)
        # The first row of all is deleted.
        whole = read()
        (series,) = whole.series
        self.expect(whole.context_points == len(whole.timestamps) == ROWS - 1, "GetDataProfileContext counts its points")
        self.expect((whole.anchor, whole.step_seconds) == (START + 3600 * (ROWS - 1), 3600), "Its grid has an anchor")
        self.expect(list(series.values) == [100.0 + hour % 24 for hour in range(1, ROWS)], "It answers the values read")
        self.expect(whole.sufficient and whole.serving_points == 64, "It says whether there are enough")
        self.expect(list(read(point_limit=2).timestamps) == list(whole.timestamps)[-2:], "A limit keeps the newest")
        refused = ("GetDataProfileContext", self.session)
        self.profiles.refuses(StatusCode.INVALID_ARGUMENT, "point_limit", *refused, name="hourly", point_limit=-1)
        self.profiles.refuses(StatusCode.NOT_FOUND, "DATA_PROFILE_NOT_FOUND", *refused, name="unknown")

    def public_profiles(self):
        """The operator's profiles, as an account sees them that is not the operator's."""
        listed = self.profiles.call("ListPublicDataProfiles", self.session).public_data_profiles
        self.expect([p.name for p in listed] == ["temporis/demo_hourly"], "ListPublicDataProfiles lists what is public")
        self.expect(listed[0].ready and list(listed[0].names) == ["orders"], "A public profile says what it forecasts")
        for method in ("PublishDataProfile", "UnpublishDataProfile"):
            for name in ("hourly", "demo_hourly", "unknown"):
                self.profiles.refuses(
                    StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED", method, self.session, name=name)
        for method in ("GetDataProfile", "GetDataProfileContext"):
            self.profiles.refuses(
                StatusCode.NOT_FOUND, "DATA_PROFILE_NOT_FOUND", method, self.session, name="temporis/demo_hourly")

    def prediction(self):
        ask = dict(data_profile="hourly", count=2, temperature=1.0, top_p=0.9)
        header, *trajectories = self.predictions.call("Predict", self.token, **ask)
        self.expect(header.header.predict_from == START + 3600 * (ROWS - 1), "predict_from is the last observation")
        steps = len(header.header.timestamps)
        self.expect([len(t.trajectory.values) for t in trajectories] == [steps] * 2, "A trajectory has a value for each step")
        self.predictions.refuses(
            StatusCode.INVALID_ARGUMENT, "INVALID_PREDICTION_PARAMETERS", "Predict", self.token, data_profile="hourly")
        self.predictions.refuses(
            StatusCode.NOT_FOUND, "DATA_PROFILE_NOT_FOUND", "Predict", self.token, **{**ask, "data_profile": "unknown"})
        self.predictions.refuses(StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED", "Predict", self.ingest_token, **ask)
        (charge,) = self.billing.call("ListCharges", self.session).charges
        self.expect(charge.request_id == header.header.request_id, "ListCharges lists what was billed")
        self.expect(charge.nano_dollars == charge.model_tokens * charge.price_nano_dollars, "A charge is an exact product")
        read = self.billing.call("GetCharge", self.session, request_id=charge.request_id).charge
        self.expect(read == charge, "GetCharge reads a charge")
        self.billing.refuses(StatusCode.NOT_FOUND, "CHARGE_NOT_FOUND", "GetCharge", self.session, request_id="0" * 32)
        said = (header.header.model_tokens, header.header.price_nano_dollars, header.header.nano_dollars)
        billed = (charge.model_tokens, charge.price_nano_dollars, charge.nano_dollars)
        self.expect(said == billed, "A prediction says what it was billed")
        usage = self.billing.call("GetUsage", self.session)
        self.expect(usage.price_nano_dollars == charge.price_nano_dollars, "GetUsage says the price")
        self.expect((usage.predictions, usage.nano_dollars) == (1, charge.nano_dollars), "GetUsage adds up the charges")
        of = lambda credential: self.billing.call("GetCredentialUsage", self.session, credential_id=credential)
        used = (of(self.token_id).predictions, of(self.token_id).nano_dollars, of("tok_none").predictions)
        self.expect(used == (1, charge.nano_dollars, 0), "GetCredentialUsage adds up one credential's charges")

    def ends(self):
        self.billing.call("RemovePaymentMethod", self.session)
        self.predictions.refuses(
            StatusCode.FAILED_PRECONDITION, "CARD_MISSING", "Predict", self.token, data_profile="hourly", count=1,
            temperature=1.0, top_p=0.9)
        self.sources.refuses(
            StatusCode.FAILED_PRECONDITION, "DATA_SOURCE_IN_USE", "DeleteDataSource", self.session, name="metrics")
        self.profiles.call("DeleteDataProfile", self.session, name="hourly")
        self.profiles.refuses(
            StatusCode.NOT_FOUND, "DATA_PROFILE_NOT_FOUND", "GetDataProfile", self.session, name="hourly")
        self.sources.call("DeleteDataSource", self.session, name="metrics")
        self.sources.refuses(
            StatusCode.NOT_FOUND, "DATA_SOURCE_NOT_FOUND", "GetDataSource", self.session, name="metrics")
        self.tokens.call("DeleteAccessToken", self.session, access_token_id=self.token_id)
        verdict = self.verifier.call("Verify", authorization=f"Bearer {self.token}").verdict
        self.expect(verdict == 3, "A deleted token is INVALID at once")
        self.tokens.refuses(
            StatusCode.NOT_FOUND, "ACCESS_TOKEN_NOT_FOUND", "DeleteAccessToken", self.session,
            access_token_id=self.token_id)
        self.accounts.call("DeleteSession", self.session)
        self.accounts.refuses(StatusCode.UNAUTHENTICATED, "ACCESS_TOKEN_INVALID", "GetAccount", self.session)

    def health(self, process):
        health = self.stack.stub(process, "grpc.health.v1.Health")
        self.expect(health.call("Check").status == 1, f"{process} is SERVING")
        health.refuses(StatusCode.NOT_FOUND, "", "Check", service="no.such.Service")
        states = health.call("Watch", service="no.such.Service")
        self.expect(next(states).status == 3, "Watch answers SERVICE_UNKNOWN at once")
        states.cancel()

    def reflection(self, process):
        reflection = self.stack.stub(process, "grpc.reflection.v1.ServerReflection")
        questions = [{"list_services": "*"}, {"file_containing_symbol": "no.such.Symbol"}]
        services, none = reflection.call("ServerReflectionInfo", messages=questions)
        names = [s.name for s in services.list_services_response.service]
        self.expect("grpc.health.v1.Health" in names, "Reflection lists the services")
        self.expect(none.error_response.error_code == StatusCode.NOT_FOUND.value[0], "An unknown symbol is NOT_FOUND")


def main(ready_path, secrets_path):
    stack = client.Stack(ready_path)
    secrets = []
    Run(stack, secrets).everything()
    with os.fdopen(os.open(secrets_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(secrets) + "\n")
    print(json.dumps({"outcomes": stack.outcomes, "calls": sorted(stack.calls)}))


main(*sys.argv[1:])
