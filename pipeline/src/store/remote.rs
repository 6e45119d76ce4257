//! Connections to buckets and web servers. Everything that decides access comes from the environment, under
//! the names that the providers' own tools use.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::client::{HttpError, HttpErrorKind};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::http::HttpBuilder;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    BackoffConfig, ClientConfigKey, ClientOptions, ObjectStore, ObjectStoreScheme, RetryConfig,
};
use tokio::runtime::Runtime;
use url::Url;

use super::StoreError;
use super::fault::in_words;

/// Longest wait for credentials that another service of the provider hands out: outside of its machines there
/// is no such service, and nobody answers.
const CREDENTIALS_WAIT: Duration = Duration::from_secs(10);
const CONNECT_WAIT: &str = "10 seconds";

/// A store behind a network.
pub(super) struct Remote {
    pub(super) inner: Arc<dyn ObjectStore>,
    /// What lists it: a web server is asked once, since most cannot list.
    pub(super) lister: Arc<dyn ObjectStore>,
    /// Whether it is a web server, which is read only.
    pub(super) web: bool,
}

/// A time of the environment, and what it is where nothing is set.
struct Setting {
    variable: &'static str,
    default: u64,
}

/// How long a request that fails for a reason that passes is tried again.
const PATIENCE: Setting = Setting {
    variable: "CAIRN_STORE_RETRY_SECONDS",
    default: 120,
};
/// How long one request may take: objects are read and written in pieces, so that this bounds no object.
const REQUEST_WAIT: Setting = Setting {
    variable: "CAIRN_STORE_TIMEOUT_SECONDS",
    default: 60,
};

impl Setting {
    fn given(&self) -> Result<Duration, StoreError> {
        let text = std::env::var_os(self.variable).unwrap_or_default();
        let text = text.to_string_lossy();
        let seconds = if text.is_empty() {
            Ok(self.default)
        } else {
            text.parse()
        };
        seconds.map(Duration::from_secs).map_err(|_| StoreError::Setting {
            variable: self.variable,
            value: text.into_owned(),
            default: self.default,
        })
    }

    /// What is no number was refused when the store was opened.
    fn seconds(&self) -> Duration {
        self.given().unwrap_or(Duration::from_secs(self.default))
    }
}

pub(super) fn patience() -> Duration {
    PATIENCE.seconds()
}

fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(10),
            base: 2.,
        },
        // Time decides.
        max_retries: 1000,
        retry_timeout: patience(),
    }
}

fn request_wait() -> String {
    format!("{} seconds", REQUEST_WAIT.seconds().as_secs().max(1))
}

/// Connects to a store; `location` is what it is called in messages.
pub(super) fn connect(
    url: &Url,
    scheme: &ObjectStoreScheme,
    path: &Path,
    location: &str,
    runtime: &Runtime,
) -> Result<Remote, StoreError> {
    for setting in [PATIENCE, REQUEST_WAIT] {
        setting.given()?;
    }
    let hint = match scheme {
        ObjectStoreScheme::AmazonS3 => {
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true where anyone may read"
        }
        ObjectStoreScheme::GoogleCloudStorage => {
            "set GOOGLE_SERVICE_ACCOUNT, or GOOGLE_SKIP_SIGNATURE=true where anyone may read"
        }
        _ => {
            "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or AZURE_SKIP_SIGNATURE=true where \
             anyone may read"
        }
    };
    let wrong = |what: String| StoreError::Place {
        location: location.to_owned(),
        what,
    };
    let refused = |e: object_store::Error| wrong(format!("{}; {hint}", in_words(&e)));
    // Asked for now, and not at the first request, which would be tried again and again.
    let admitted = |credentials: Admission<'_>| {
        let asked = runtime.block_on(async { tokio::time::timeout(CREDENTIALS_WAIT, credentials).await });
        match asked {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(wrong(format!(
                "there are no credentials ({}); {hint}",
                in_words(&e)
            ))),
            Err(_) => Err(wrong(format!(
                "there are no credentials: nobody hands them out within {} s; {hint}",
                CREDENTIALS_WAIT.as_secs()
            ))),
        }
    };
    // The three builders have the same shape and no type in common.
    macro_rules! open {
        ($builder:ty, $key:ident) => {{
            let builder = <$builder>::from_env()
                .with_url(url.as_str())
                .with_retry(retry())
                .with_config($key::Client(ClientConfigKey::Timeout), request_wait())
                .with_config($key::Client(ClientConfigKey::ConnectTimeout), CONNECT_WAIT);
            let skips = builder.get_config_value(&$key::SkipSignature);
            let store = builder.build().map_err(refused)?;
            if !skips.is_some_and(|value| value == "true" || value == "1") {
                admitted(Box::pin(async {
                    store.credentials().get_credential().await.map(|_| ())
                }))?;
            }
            Ok(bucket(store, path))
        }};
    }
    match scheme {
        ObjectStoreScheme::AmazonS3 => open!(AmazonS3Builder, AmazonS3ConfigKey),
        ObjectStoreScheme::GoogleCloudStorage => open!(GoogleCloudStorageBuilder, GoogleConfigKey),
        ObjectStoreScheme::MicrosoftAzure => open!(MicrosoftAzureBuilder, AzureConfigKey),
        _ => web(url, location),
    }
}

type Admission<'a> = futures::future::BoxFuture<'a, object_store::Result<()>>;

fn bucket(store: impl ObjectStore, path: &Path) -> Remote {
    let inner: Arc<dyn ObjectStore> = if path.as_ref().is_empty() {
        Arc::new(store)
    } else {
        Arc::new(PrefixStore::new(store, path.clone()))
    };
    Remote {
        lister: inner.clone(),
        inner,
        web: false,
    }
}

fn web(url: &Url, location: &str) -> Result<Remote, StoreError> {
    let client = ClientOptions::new()
        .with_allow_http(true)
        .with_config(ClientConfigKey::Timeout, request_wait())
        .with_config(ClientConfigKey::ConnectTimeout, CONNECT_WAIT);
    let build = |retry: RetryConfig| {
        let store = HttpBuilder::new()
            .with_url(url.as_str().trim_end_matches('/'))
            .with_client_options(client.clone())
            .with_retry(retry)
            .build();
        store.map_err(|e| StoreError::Place {
            location: location.to_owned(),
            what: in_words(&e),
        })
    };
    let once = RetryConfig {
        max_retries: 0,
        ..retry()
    };
    Ok(Remote {
        inner: Arc::new(build(retry())?),
        lister: Arc::new(build(once)?),
        web: true,
    })
}

/// Whether an answer broke off, so that asking again may do: what never answers was tried again already.
pub(super) fn broke_off(error: &object_store::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(http) = inner.downcast_ref::<HttpError>() {
            return matches!(
                http.kind(),
                HttpErrorKind::Request
                    | HttpErrorKind::Timeout
                    | HttpErrorKind::Interrupted
                    | HttpErrorKind::Decode
            );
        }
        cause = inner.source();
    }
    false
}

/// Fails when a bucket is not there or does not let us in: better now than after hours of work.
pub(super) async fn look(store: &dyn ObjectStore) -> object_store::Result<()> {
    store.list(None).next().await.transpose().map(|_| ())
}
