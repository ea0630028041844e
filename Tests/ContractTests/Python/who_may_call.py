"""Calls the processes of a running stack as callers that they should and should not let in, and prints what they answer.

    python3 who_may_call.py READY_JSON FOREIGN

FOREIGN is a folder with the identities of another stack. Prints a JSON object: the case, then the status.
"""

import json
import sys

import grpc

import client

WORKLOADS = ["token-service", "auth-verifier", "predict-service", "api-gateway", "client"]
CHECK = "/grpc.health.v1.Health/Check"
LOOKUP = "/temporis.token.v1.CredentialService/LookupCredential"
REGISTER = "/temporis.token.v1.RevocationService/RegisterVerifier"


def status(address, credentials, method):
    """The status of a call with an empty message, whose meaning does not matter here."""
    with client.connect(address, credentials) as channel:
        try:
            channel.unary_unary(method)(b"", timeout=10)
        except grpc.RpcError as error:
            return error.code().name
    return "OK"


def main(ready_path, foreign):
    stack = client.Stack(ready_path)
    ca = stack.ready["tls"]["ca"]
    answers = {}
    for process, addresses in stack.ready["services"].items():
        callers = {workload: stack.credentials(workload) for workload in WORKLOADS}
        callers["plaintext"] = None
        callers["no certificate"] = client.credentials(ca)
        callers["another authority's"] = client.credentials(
            ca, f"{foreign}/identity-auth-verifier.key", f"{foreign}/identity-auth-verifier.pem")
        for name, credentials in callers.items():
            answers[f"{process} checked by {name}"] = status(addresses[0], credentials, CHECK)
    for workload in WORKLOADS:
        answers[f"a credential looked up by {workload}"] = status(
            stack.ready["services"]["token-service"][0], stack.credentials(workload), LOOKUP)
        answers[f"a verifier registered by {workload}"] = status(
            stack.ready["services"]["token-service"][0], stack.credentials(workload), REGISTER)
    print(json.dumps(answers))


main(*sys.argv[1:])
