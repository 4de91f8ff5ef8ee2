"""The field tables of the messages, request and response, in the notation of fields.py: NAME HEAD, and a line for each field of the body.

A document that travels inside a message, encrypted, or that is no message has no head (-): its fields stand in the root."""

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
ConfirmPaycard RequestHead
  Sealed Sealed 1
  Ext Ext 0..8
ConfirmPaycardResponse ResponseHead
  Status Status 1
  Boxed Boxed 1 when Status/Code is QP-OK
  Ext Ext 0..8
ConfirmPaycardInner -
  Product Word 1 1-64
  Version Ver 1
  FileHash Digest 1
  IssueCode Word 1 1-64
  WalletInfo WalletInfo 1
  ReplyKey Key32 1
  Nonce Tok16 1
ConfirmPaycardResponseInner -
  Nonce Tok16 1
  SessionId SessionId 1
  Paycard PaycardId 1
  ExpiresAt Time 1
  QuestionsNeeded QuestionCount 1
TakeQuestion RequestHead
  Sealed Sealed 1
  Ext Ext 0..8
TakeQuestionResponse ResponseHead
  Status Status 1
  Boxed Boxed 1 when Status/Code is QP-OK
  Ext Ext 0..8
TakeQuestionInner -
  SessionId SessionId 1
  Nonce Tok16 1
TakeQuestionResponseInner -
  Nonce Tok16 1
  Question Question 1..10
AnswerResponse RequestHead
  Sealed Sealed 1
  Ext Ext 0..8
AnswerResponseResponse ResponseHead
  Status Status 1
  Boxed Boxed 1 when Status/Code is QP-OK
  Ext Ext 0..8
AnswerResponseInner -
  SessionId SessionId 1
  Answer QuestionAnswer 1..10
  Nonce Tok16 1
AnswerResponseResponseInner -
  Nonce Tok16 1
  Paycard PaycardId 1
  PaycardSecret Key32 1
  Limit SpendingLimit 0..1
  ActivatedAt Time 1
RemovePaycard RequestHead
  Paycard PaycardId 1
  PaycardToken B64 1 4-1024
  Reason RemovalReason 1
  Ext Ext 0..8
RemovePaycardResponse ResponseHead
  Status Status 1
  Ext Ext 0..8
RegisterVendor AnonymousRequestHead
  Endpoint Endpoint 1
  ProbeTag Digest 1
  Name Text 0..1 1-128
  Key FirstKey 0..1
  Sealed Sealed 0..1 F 0 H 1
  Ext Ext 0..8
RegisterVendorResponse AnonymousResponseHead
  Status Status 1
  Vendor VendorId 1 when Status/Code is QP-OK
  Boxed Boxed 0..1 when Status/Code is QP-OK F 0 H 1
  Ext Ext 0..8
Probe RequestHead
  Nonce Tok16 1
  ProbeTag Digest 1
  Ext Ext 0..8
ProbeResponse ResponseHead
  Status Status 1
  Nonce Tok16 1 when Status/Code is QP-OK
  ProbeSecret Tok16 1 when Status/Code is QP-OK
  Ext Ext 0..8
UpdateVendor RequestHead
  Endpoint Endpoint 0..8
  SourceAddr Addr 0..16
  Name Text 0..1 1-128
  ProbeTag Digest 1
  Ext Ext 0..8
UpdateVendorResponse ResponseHead
  Status Status 1
  Ext Ext 0..8
UnregisterVendor RequestHead
  Reason RemovalReason 1
  Ext Ext 0..8
UnregisterVendorResponse ResponseHead
  Status Status 1
  Ext Ext 0..8
RegisterWallet AnonymousRequestHead
  Sealed Sealed 1
  Ext Ext 0..8
RegisterWalletResponse AnonymousResponseHead
  Status Status 1
  Boxed Boxed 1 when Status/Code is QP-OK
  Ext Ext 0..8
UpdateWallet RequestHead
  Sealed Sealed 1
  Ext Ext 0..8
UpdateWalletResponse ResponseHead
  Status Status 1
  Boxed Boxed 1 when Status/Code is QP-OK
  Ext Ext 0..8
UnregisterWallet RequestHead
  Reason RemovalReason 1
  Ext Ext 0..8
UnregisterWalletResponse ResponseHead
  Status Status 1
  Ext Ext 0..8
RegisterBroker AnonymousRequestHead
  Sealed Sealed 1
  Ext Ext 0..8
RegisterBrokerResponse AnonymousResponseHead
  Status Status 1
  Boxed Boxed 1 when Status/Code is QP-OK
  Ext Ext 0..8
UpdateBroker RequestHead
  BrokerChange BrokerChange 1
  Ext Ext 0..8
UpdateBrokerResponse ResponseHead
  Status Status 1
  Ext Ext 0..8
PublishKey RequestHead
  KeyChange KeyChange 1
  Ext Ext 0..8
PublishKeyResponse ResponseHead
  Status Status 1
  Ext Ext 0..8
WithdrawKey RequestHead
  Withdrawal Withdrawal 1
  Ext Ext 0..8
WithdrawKeyResponse ResponseHead
  Status Status 1
  Ext Ext 0..8
GetPairKey RequestHead
  Sealed Sealed 1
  Ext Ext 0..8
GetPairKeyResponse ResponseHead
  Status Status 1
  Boxed Boxed 1 when Status/Code is QP-OK
  Ext Ext 0..8
GetPairKeyInner -
  Want KeyWanted 1
  Peer BrokerId 1 when Want is pair
  ReplyKey Key32 1
  Nonce Tok16 1
GetPairKeyResponseInner -
  Nonce Tok16 1
  Shared SharedKey 1
RegisterVendorInner -
  ReplyKey Key32 1
  Nonce Tok16 1
RegisterVendorResponseInner -
  Nonce Tok16 1
  Shared SharedKey 1
RegisterWalletInner -
  Software WalletSoftware 1
  Net Net 1..8
  Key SigningMemberKey 0..1
  ReplyKey Key32 1
  Nonce Tok16 1
RegisterWalletResponseInner -
  Nonce Tok16 1
  WalletId WalletId 1
  LookupTicket Tok16 1
  Shared SharedKey 0..1
UpdateWalletInner -
  Net Net 0..8
  Software WalletSoftware 0..1
  NewTicket Yes 0..1
  ReplyKey Key32 1
  Nonce Tok16 1
UpdateWalletResponseInner -
  Nonce Tok16 1
  LookupTicket Tok16 0..1
RegisterBrokerInner -
  EnrolmentCode Word 1 1-64
  Name Text 1 1-128
  Endpoint Endpoint 1..8
  SourceAddr Addr 0..16
  Key MemberKey 2..4
  Currency Currency 0..200
  CommissionBp BasisPoints 0..1
  MinPaycard OldestPaycard 0..16
  ReplyKey Key32 1
  Nonce Tok16 1
RegisterBrokerResponseInner -
  Nonce Tok16 1
  Broker BrokerId 1
  Shared SharedKey 0..1
  FeeBp BasisPoints 0..1
PurchaseLink -
  Host HostId 1
  Vendor VendorId 1
  Kind Kind 1
  Item Word 1 1-128
  Entry Entry 0..1
Manifest -
  Broker BrokerId 1
  Product Word 1 1-64
  Version Ver 1
  AbiVersion Int 1
  FileHash Digest 1
  MinVersion Ver 1
  Label Text 1 1-64
  Paycard PaycardId 0..1
  Sig Sig 1
RegisterMessage RequestHead
  Kind MailKind 1 3-40
  Audience Audience 1
  OrderRef OrderRef 0..1
  Ref Word 0..1 1-64
  From Time 0..1
  To Time 0..1
  Text Text 0..1 1-4096
  Sealed SealedText 0..1
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
