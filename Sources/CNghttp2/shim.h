#pragma once
#include <stddef.h>
#include <nghttp2/nghttp2.h>

/// Feeds received bytes, under a name and a type for every nghttp2 release: 1.60 deprecated the calls that use ssize_t.
static inline ptrdiff_t http2_session_receive(nghttp2_session *session, const uint8_t *bytes, size_t count) {
#if NGHTTP2_VERSION_NUM >= 0x013c00
  return nghttp2_session_mem_recv2(session, bytes, count);
#else
  return nghttp2_session_mem_recv(session, bytes, count);
#endif
}

/// Takes the next serialized bytes, owned by the session until the next call; 0 when nothing is left.
static inline ptrdiff_t http2_session_send(nghttp2_session *session, const uint8_t **bytes) {
#if NGHTTP2_VERSION_NUM >= 0x013c00
  return nghttp2_session_mem_send2(session, bytes);
#else
  return nghttp2_session_mem_send(session, bytes);
#endif
}
