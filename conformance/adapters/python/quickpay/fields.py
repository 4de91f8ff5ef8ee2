"""The field tables of the messages (reference/generated/messages.md), in a notation of one line a field; tables.py reads it.

    NAME TYPE TIMES [LEAST-MOST bytes] [=VALUE] [choice N] [when PATH is|isnot VALUE [optional]] [F|H TIMES]

A name that occurs in two families is that of micropayment; the other one has its protocol before it, as in ``regular/GetOrder``.
"""

STRUCTURES = """
RequestHead
  Version Word 1 1-8
  Profile Profile 1
  Host HostId 1
  Sender RoleId 1
  Receiver RoleId 1
  MsgId MsgId 1
  SentAt Time 1
AnonymousRequestHead
  Version Word 1 1-8
  Profile Profile 1
  Host HostId 1
  Receiver RoleId 1
  MsgId MsgId 1
OpenRequestHead
  Version Word 1 1-8
  Profile Profile 1
  Host HostId 1
  Sender RoleId 0..1
  Receiver RoleId 1
  MsgId MsgId 1
  SentAt Time 1
ResponseHead
  Version Word 1 1-8
  Profile Profile 1
  Host HostId 1
  Sender RoleId 1
  Receiver RoleId 0..1
  MsgId MsgId 1
  InReplyTo MsgId 0..1
  SentAt Time 1
AnonymousResponseHead
  Version Word 1 1-8
  Profile Profile 1
  Host HostId 1
  Sender RoleId 1
  MsgId MsgId 1
  InReplyTo MsgId 0..1
  SentAt Time 1
Status
  Code ErrorCode 1
  Retry Retry 1 when Code isnot QP-OK
  After Int 0..1
  Note Text 0..1 1-256
Ext
  Name ExtName 1 3-64
  Value Text 1 1-1024
Mac
  KeyRef Epoch 1
  Value Digest 1
Auth
  Mac Mac 1
HostReceipt
  Host HostId 1
  Vendor VendorId 1
  Broker BrokerId 1
  OrderId OrderId 1
  Digest Digest 1
  CommitId CommitId 1
  SettleBy Time 1
  RegisteredAt Time 1
  Mac Mac 1
OrderRef
  Kind Kind 1
  Vendor VendorId 1
  OrderId OrderId 1
  Amount Amount 1
  Currency Currency 1
  Expires Time 1
  Digest Digest 1
MicroOrderRef
  Kind Kind 1 =micro
  Vendor VendorId 1
  OrderId OrderId 1
  Amount Amount 1
  Currency Currency 1
  Expires Time 1
  Digest Digest 1
Order
  Kind Kind 1
  Vendor VendorId 1
  OrderId OrderId 1
  Amount Amount 1
  Currency Currency 1
  Created Time 1
  Expires Time 1
  ItemHash Digest 1
  BuyerTag Digest 1
  ContentHash Digest 0..1
RegularOrder
  Kind Kind 1 =regular
  Vendor VendorId 1
  OrderId OrderId 1
  Amount Amount 1
  Currency Currency 1
  Created Time 1
  Expires Time 1
  ItemHash Digest 1
  BuyerTag Digest 1
  ContentHash Digest 0..1
Offer
  Order Order 1
  ItemText Text 1 1-1024
  Salt Tok16 1
Endorsement
  Broker BrokerId 1
  EndorsementId EndorsementId 1
  OrderRef OrderRef 1
  EndorsedAt Time 1
  CheckBy Time 1
SignedOffer
  Order RegularOrder 1
  ItemText Text 1 1-1024
  Salt Tok16 1
  Sig Sig 1
Receipt
  Vendor VendorId 1
  Broker BrokerId 1
  OrderId OrderId 1
  Digest Digest 1
  CommitId CommitId 1
  AcceptedAt Time 1
  Sig Sig 1
Content
  MediaType Word 1 1-128
  Data B64 1 4-49152
Location
  Url Url 1 8-1024
  Ticket Tok16 1
  ValidTo Time 1
Sig
  KeyId Digest 1
  Value B64 1 4-1368
Approved
  OrderId OrderId 1
  Digest Digest 1
  Amount Amount 1
Approval
  Host HostId 1
  Vendor VendorId 1
  Broker BrokerId 1
  BatchId BatchId 1
  Approved Approved 1..10000
  ApprovedAt Time 1
  Sig Sig 1
RegularOrderRef
  Kind Kind 1 =regular
  Vendor VendorId 1
  OrderId OrderId 1
  Amount Amount 1
  Currency Currency 1
  Expires Time 1
  Digest Digest 1
Commitment
  Broker BrokerId 1
  CommitId CommitId 1
  OrderRef RegularOrderRef 1
  CommittedAt Time 1
  ClaimBy Time 1
  Sig Sig 1
ClaimItem
  OrderRef OrderRef 1
  CommitId CommitId 1
  Commitment Commitment 0..1
Claim
  BatchId BatchId 1
  Vendor VendorId 1
  Broker BrokerId 1
  Currency Currency 1
  Count Int 1
  Total Sum 1
  Approval Approval 0..8
  Item ClaimItem 1..10000
  Sig Sig 1
Accepted
  OrderId OrderId 1
  Amount Amount 1
  Commission Money0 1
Refused
  OrderId OrderId 1
  Digest Digest 1
  Code ErrorCode 1
  FirstBatch BatchId 0..1
Deduction
  RevokeId RevokeId 1
  OrderId OrderId 1
  Amount Amount 1
  CommissionReversed Money0 1
Settlement
  Broker BrokerId 1
  Vendor VendorId 1
  BatchId BatchId 1
  BatchDigest Digest 1
  Currency Currency 1
  Accepted Accepted 0..10000
  Refused Refused 0..10000
  AcceptedTotal Sum 1
  CommissionTotal Sum 1
  Deduction Deduction 0..10000
  DeductionTotal Sum 1
  PriorDebit Sum 1
  CarriedDebit Sum 1
  NetTotal Sum 1
  ValueDate Time 1
  SettledAt Time 1
  Sig Sig 1
Unreachable
  FirstTry Time 1
  LastTry Time 1
  Tries Int 1
CaseItem
  OrderRef OrderRef 1
  CommitId CommitId 0..1
  DeliveryId DeliveryId 0..1
  DeliveredAt Time 0..1
  HostReceipt HostReceipt 0..1 F 0
  Commitment Commitment 0..1
  Contest Yes 0..1
  Withdrawn Yes 0..1
HostCase
  Host HostId 1
  BatchId BatchId 1
  Vendor VendorId 1
  Broker BrokerId 1
  Settlement Settlement 0..8
  Unreachable Unreachable 0..1
  Item CaseItem 1..10000
  Sig Sig 1
Verdict
  OrderId OrderId 1
  Digest Digest 1
  Decision Ruling 1
  Code ErrorCode 1
  DecideBy Time 0..1
Verdicts
  Host HostId 1
  Vendor VendorId 1
  Broker BrokerId 1
  BatchId BatchId 1
  Verdict Verdict 1..10000
  Sig Sig 1
Revoke
  RevokeId RevokeId 1
  OrderRef OrderRef 1
  CommitId CommitId 1
  Reason RevokeReason 1
  RevokedAt Time 1
  Sig Sig 0..1 H 1
Endpoint
  Addr Addr 1
  Port Port 1
Net
  Addr Addr 1
  Prefix Prefix 1
ListedKey
  KeyId Digest 1
  PubKey B64 1 1-4096
  Usage KeyUse 1
  NotBefore Time 1
  NotAfter Time 1
  WithdrawnFrom Time 0..1
ListedCurrency
  Code Currency 1
  Exponent Exponent 0..1
  Active YesNo 1
Entry
  Role PlayerRole 1
  Id RoleId 1
  State PlayerState 1
  Name Text 0..1 1-128 when Role isnot wallet optional
  Endpoint Endpoint 0..8 when Role isnot wallet optional
  Profile Profile 0..2 when Role isnot wallet optional
  Protocol ServedFamily 0..6 when Role isnot wallet optional
  Key ListedKey 0..16
  Currency ListedCurrency 0..200 when Role is host optional
  Net Net 0..8 when Role is wallet optional
  IssuedAt Time 1
  ValidTo Time 1
  Sig Sig 1
Audience
  Role AudienceRole 1 choice 1
  Id RoleId 1..100 choice 1
OwnAudience
  Role AudienceRole 1 choice 1
  Id RoleId 1 choice 1
Mail
  MessageNo MessageNo 1
  Producer RoleId 0..1
  Kind MailKind 1 3-40
  Audience OwnAudience 1
  OrderRef OrderRef 0..1
  Ref Word 0..1 1-64
  From Time 0..1
  To Time 0..1
  Text Text 0..1 1-4096
  ExpiresAt Time 0..1
  PostedAt Time 1
"""

MESSAGES = """
GetOrder AnonymousRequestHead
  Kind Kind 1 =micro
  Item Word 1 1-128
  Broker BrokerId 0..1
  BuyerTag Digest 1
  Ext Ext 0..8
GetOrderResponse AnonymousResponseHead
  Status Status 1
  Offer Offer 1 when Status/Code is QP-OK
  VendorName Text 0..1 1-128 when Status/Code is QP-OK optional
  VendorState B64 0..1 4-2048 when Status/Code is QP-OK optional
  Ext Ext 0..8
InquiryPayment RequestHead
  Paycard PaycardId 1
  OrderRef MicroOrderRef 1
  PaycardToken B64 1 4-1024
  Ext Ext 0..8
InquiryPaymentResponse ResponseHead
  Status Status 1
  Endorsement Endorsement 1 when Status/Code is QP-OK
  PaycardAnswer B64 0..1 4-1024 when Status/Code is QP-OK optional H 1
  Ext Ext 0..8
RequestOrderDelivery AnonymousRequestHead
  Endorsement Endorsement 1
  BuyerSecret Tok16 0..1 H 1
  VendorState B64 0..1 4-2048
  Ext Ext 0..8
RequestOrderDeliveryResponse AnonymousResponseHead
  Status Status 1
  DeliveryId DeliveryId 1 when Status/Code is QP-OK
  DeliveredAt Time 1 when Status/Code is QP-OK
  Content Content 1 choice 1 when Status/Code is QP-OK
  Location Location 1 choice 1 when Status/Code is QP-OK
  Ext Ext 0..8
CheckCommit RequestHead
  EndorsementId EndorsementId 1
  OrderRef MicroOrderRef 1
  WantReceipt Yes 0..1 F 0
  Ext Ext 0..8
CheckCommitResponse ResponseHead
  Status Status 1
  CommitId CommitId 1 when Status/Code is QP-OK
  CommittedAt Time 1 when Status/Code is QP-OK
  SettleBy Time 1 when Status/Code is QP-OK
  HostReceipt HostReceipt 0..1 when Status/Code is QP-OK optional F 0
  Ext Ext 0..8
RegisterCommit RequestHead
  OrderRef MicroOrderRef 1
  Wallet WalletId 1
  CommitId CommitId 1
  CommittedAt Time 1
  SettleBy Time 1
  Ext Ext 0..8
RegisterDelivery RequestHead
  OrderRef MicroOrderRef 1
  Broker BrokerId 1
  CommitId CommitId 1
  DeliveryId DeliveryId 1
  DeliveredAt Time 1
  Ext Ext 0..8
RegisterOrder RequestHead
  OrderRef MicroOrderRef 1
  Broker BrokerId 1
  EndorsementId EndorsementId 1
  DeliveryId DeliveryId 0..1
  ReceivedAt Time 1
  Outcome Outcome 0..1
  Ext Ext 0..8
RegisterCommitResponse ResponseHead
  Status Status 1
  CaseNo CaseNo 1 when Status/Code is QP-OK
  RegisteredAt Time 1 when Status/Code is QP-OK
  HostReceipt HostReceipt 0..1 when Status/Code is QP-OK optional F 0
  Ext Ext 0..8
RegisterDeliveryResponse ResponseHead
  Status Status 1
  CaseNo CaseNo 1 when Status/Code is QP-OK
  RegisteredAt Time 1 when Status/Code is QP-OK
  Ext Ext 0..8
RegisterOrderResponse ResponseHead
  Status Status 1
  CaseNo CaseNo 1 when Status/Code is QP-OK
  RegisteredAt Time 1 when Status/Code is QP-OK
  Ext Ext 0..8
regular/GetOrder AnonymousRequestHead
  Kind Kind 1 =regular
  Item Word 1 1-128
  Quantity Quantity 0..1
  Broker BrokerId 0..1
  BuyerTag Digest 1
  Ext Ext 0..8
regular/GetOrderResponse AnonymousResponseHead
  Status Status 1
  Offer SignedOffer 1 when Status/Code is QP-OK
  VendorName Text 0..1 1-128 when Status/Code is QP-OK optional
  VendorState B64 0..1 4-2048 when Status/Code is QP-OK optional
  Ext Ext 0..8
regular/InquiryPayment RequestHead
  Paycard PaycardId 1
  OrderRef RegularOrderRef 1
  PaycardToken B64 1 4-1024
  Ext Ext 0..8
regular/InquiryPaymentResponse ResponseHead
  Status Status 1
  Commitment Commitment 1 when Status/Code is QP-OK
  Ext Ext 0..8
regular/RequestOrderDelivery AnonymousRequestHead
  Commitment Commitment 1
  BuyerSecret Tok16 1
  VendorState B64 0..1 4-2048
  Ext Ext 0..8
regular/RequestOrderDeliveryResponse AnonymousResponseHead
  Status Status 1
  Receipt Receipt 1 when Status/Code is QP-OK
  Ext Ext 0..8
regular/RegisterOrder RequestHead
  OrderRef RegularOrderRef 1
  Broker BrokerId 1
  Commitment Commitment 1
  Receipt Receipt 0..1
  Ext Ext 0..8
regular/RegisterOrderResponse ResponseHead
  Status Status 1
  CaseNo CaseNo 1 when Status/Code is QP-OK
  RegisteredAt Time 1 when Status/Code is QP-OK
  Ext Ext 0..8
SettleWithBroker RequestHead
  Claim Claim 1
  Ext Ext 0..8
SettleWithBrokerResponse ResponseHead
  Status Status 1
  Settlement Settlement 1 when Status/Code is QP-OK
  Ext Ext 0..8
SettleWithHost RequestHead
  HostCase HostCase 1
  Ext Ext 0..8
SettleWithHostResponse ResponseHead
  Status Status 1
  Verdicts Verdicts 1 when Status/Code is QP-OK
  Approval Approval 0..1 when Status/Code is QP-OK optional
  Ext Ext 0..8
RevokeOrder RequestHead
  Revoke Revoke 1
  Ext Ext 0..8
RevokeOrderResponse ResponseHead
  Status Status 1
  RevokeId RevokeId 1 when Status/Code is QP-OK
  Effect RevokeEffect 1 when Status/Code is QP-OK
  Amount Amount 1 when Status/Code is QP-OK
  State RevokeState 1 when Status/Code is QP-OK
  HoldUntil Time 0..1 when Status/Code is QP-OK optional
  Ext Ext 0..8
RegisterRevoke RequestHead
  OrderRef OrderRef 1
  CommitId CommitId 1
  RevokeId RevokeId 1
  Revoke Revoke 0..1 H 1
  CommissionReversed Money0 1
  RevokedAt Time 1
  Ext Ext 0..8
RegisterRevokeResponse ResponseHead
  Status Status 1
  CaseNo CaseNo 1 when Status/Code is QP-OK
  FeeReversed Money0 1 when Status/Code is QP-OK
  RevokeState RevokeStanding 1 when Status/Code is QP-OK
  Ext Ext 0..8
LookupPlayer OpenRequestHead
  Role PlayerRole 1
  Id RoleId 1 choice 1
  Endpoint Endpoint 1 choice 1
  Ticket Tok16 1 when Role is wallet
  Ext Ext 0..8
LookupPlayerResponse ResponseHead
  Status Status 1
  Entry Entry 1 when Status/Code is QP-OK
  Ext Ext 0..8
RegisterMessage RequestHead
  Kind MailKind 1 3-40
  Audience Audience 1
  OrderRef OrderRef 0..1
  Ref Word 0..1 1-64
  From Time 0..1
  To Time 0..1
  Text Text 0..1 1-4096
  ExpiresAt Time 0..1
  Ext Ext 0..8
RegisterMessageResponse ResponseHead
  Status Status 1
  MessageNo MessageNo 1 when Status/Code is QP-OK
  Ext Ext 0..8
RetrieveMessages OpenRequestHead
  Since Cursor 1
  Limit Limit 1
  Kind MailKind 0..1 3-40
  Ext Ext 0..8
RetrieveMessagesResponse ResponseHead
  Status Status 1
  Message Mail 0..100 when Status/Code is QP-OK optional
  Next Cursor 1 when Status/Code is QP-OK
  More YesNo 1 when Status/Code is QP-OK
  Ext Ext 0..8
DiscardMessages RequestHead
  UpTo MessageNo 1
  Ext Ext 0..8
DiscardMessagesResponse ResponseHead
  Status Status 1
  Ext Ext 0..8
"""
