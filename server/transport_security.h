// What a transport that keeps secrets knows of the other end.
#ifndef SERVER_TRANSPORT_SECURITY_H_
#define SERVER_TRANSPORT_SECURITY_H_

#include <cstdint>
#include <string>

namespace esockets::server {

struct TransportSecurity {
  std::string protocol;              // "TLSv1.3"
  std::string application_protocol;  // agreed on by ALPN; empty: none
  // Of the peer's certificate, which was verified; empty: it has shown none.
  std::string peer_name;
  int64_t peer_expires_at_s = 0;  // seconds since 1970; 0: it has shown none
  bool resumed = false;           // the session was one of before
};

}  // namespace esockets::server

#endif  // SERVER_TRANSPORT_SECURITY_H_
