// The broker's rarer frames in the words of the client library.
#ifndef CLIENTS_CPP_SERVER_FRAMES_H_
#define CLIENTS_CPP_SERVER_FRAMES_H_

#include "clients/cpp/delivery.h"
#include "clients/cpp/message.h"
#include "clients/cpp/status.h"
#include "clients/cpp/stream_start.h"
#include "proto/esockets.pb.h"

namespace esockets::client {

Gap GapOf(const esockets::Gap& gap);
Delivery DeliveryOf(const esockets::Delivery& delivery);
Stored StoredOf(const esockets::Stored& stored);
StreamStart StreamStartOf(const esockets::StreamStart& start);
BrokerError ErrorOf(const esockets::Error& error);
BrokerError ErrorOf(const esockets::Close& close);
BrokerError ErrorOf(const esockets::GoAway& go_away);

}  // namespace esockets::client

#endif  // CLIENTS_CPP_SERVER_FRAMES_H_
