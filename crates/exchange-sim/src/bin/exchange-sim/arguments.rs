//! What the program is told on its command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Parser, ValueEnum};
use exchange_sim::script::Pace;
use exchange_sim::{AutomateProcessing, CalendarProcessing, ChannelBinding, Front, ServerProfile, SignIn};

/// A stand-in Exchange whose rooms live through a believable week, for tests and demonstrations.
///
/// It serves Exchange Web Services at /EWS/Exchange.asmx and Autodiscover at /autodiscover/. Its first line tells the
/// address, once it listens. Tests in any language drive it by JSON calls under /sim/; GET /sim/ lists
/// them all, with examples. Whoever reaches it may tell it anything: let it listen on the loopback address.
#[derive(Debug, Parser)]
#[command(name = "exchange-sim", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Where it listens; port 0 is a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,

    /// How many rooms there are: room-1, room-2, …
    #[arg(long, default_value_t = 4, value_name = "COUNT")]
    pub(crate) rooms: u32,

    /// What everything made up follows from: equal seeds give equal weeks
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// Leave the calendars empty: nobody is there but who calls
    #[arg(long)]
    pub(crate) quiet: bool,

    /// How often somebody changes something in the week that fills the calendars: believable, as people do in their
    /// hours; brisk, every second or two; still, never
    #[arg(long, default_value = "believable", value_name = "PACE", conflicts_with = "quiet")]
    pub(crate) pace: Pace,

    /// Let time begin at this instant (RFC 3339) and stand still until POST /sim/time moves it
    #[arg(long, value_name = "INSTANT")]
    pub(crate) stopped_at: Option<DateTime<Utc>>,

    /// What the rooms do with requests
    #[arg(long, value_enum, default_value_t = Processing::Preserving)]
    pub(crate) processing: Processing,

    /// Which server it is: exchange-2007-sp1, exchange-2010-sp1, exchange-2013, exchange-2016, exchange-2019,
    /// subscription-edition, exchange-online-ews-off or other
    #[arg(long, default_value = "exchange-2019", value_name = "NAME", help_heading = SERVER)]
    pub(crate) server: ServerProfile,

    /// How accounts sign in, several separated by commas
    #[arg(long, value_enum, value_delimiter = ',', default_value = "basic", value_name = "WAY", help_heading = SERVER)]
    pub(crate) sign_in: Vec<Way>,

    /// Whether NTLM and Negotiate must be bound to the certificate of --tls; by itself, they must
    #[arg(
        long,
        value_enum,
        default_value_t = Binding::None,
        default_missing_value = "require",
        num_args = 0..=1,
        require_equals = true,
        requires = "tls",
        value_name = "DEMAND",
        help_heading = SERVER
    )]
    pub(crate) channel_binding: Binding,

    /// Serve https, with a certificate made for localhost and 127.0.0.1
    #[arg(long, help_heading = SERVER)]
    pub(crate) tls: bool,

    /// Where to write the certificate that clients must trust for --tls, in PEM
    #[arg(long, requires = "tls", value_name = "FILE", help_heading = SERVER)]
    pub(crate) ca_out: Option<PathBuf>,

    /// Who may sign in, with every right and impersonation
    #[arg(long, default_value = "svc", value_name = "LOGIN", help_heading = SERVER)]
    pub(crate) user: String,

    /// With which password; it is also the secret of the application `app` that bearer tokens are for
    #[arg(long, default_value = "secret", help_heading = SERVER)]
    pub(crate) password: String,
}

const SERVER: &str = "The server";

const EXAMPLES: &str = "\
Examples:
  exchange-sim --listen 127.0.0.1:8080
      Four rooms on a fixed port; curl http://127.0.0.1:8080/sim/ explains how to drive them
  exchange-sim --quiet --stopped-at 2027-03-01T08:00:00Z --server exchange-2010-sp1
      Empty rooms on an old server, at a time that only the test moves
  exchange-sim --tls --ca-out ca.pem --sign-in ntlm,negotiate
      Windows sign-in: curl --cacert ca.pem --ntlm --user svc:secret --data @request.xml …; with
      --channel-binding, only clients that bind to the certificate get in, which curl does not";

/// What the rooms do with requests.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Processing {
    /// Accept by themselves and keep subject, body and private flag
    Preserving,
    /// Accept by themselves and rewrite everything, as new room mailboxes do
    Defaults,
    /// Leave requests to a proxy
    Proxy,
}

impl Processing {
    pub(crate) fn calendar(self) -> CalendarProcessing {
        match self {
            Self::Preserving => CalendarProcessing::preserving(),
            Self::Defaults => CalendarProcessing::default(),
            Self::Proxy => CalendarProcessing::preserving().deciding(AutomateProcessing::AutoUpdate),
        }
    }
}

/// A way to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// User and password in every request
    Basic,
    /// NTLM, once for a connection
    Ntlm,
    /// Negotiate, with NTLM inside
    Negotiate,
    /// Tokens, from /organization/oauth2/v2.0/token
    Bearer,
    /// None: a page with forms stands in front
    Forms,
}

/// How NTLM is bound to the certificate.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Binding {
    /// It is not looked at
    None,
    /// Whoever binds must bind rightly
    Allow,
    /// Everybody must bind
    Require,
}

impl Arguments {
    /// How accounts sign in.
    pub(crate) fn sign_in(&self) -> SignIn {
        let offered = |way| self.sign_in.contains(&way);
        SignIn {
            basic: offered(Way::Basic),
            ntlm: offered(Way::Ntlm),
            negotiate: offered(Way::Negotiate),
            bearer: offered(Way::Bearer),
            channel_binding: match self.channel_binding {
                Binding::None => ChannelBinding::None,
                Binding::Allow => ChannelBinding::Allow,
                Binding::Require => ChannelBinding::Require,
            },
            lock_out_after: None,
            front: offered(Way::Forms).then_some(Front::Forms),
        }
    }
}
