//! The client: where the API is, and the calls that connections share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use outflow_core::http::{Call, Http, StaticHeader};
use outflow_core::{AccountContext, Cache, Clock, Endpoint, Error, ErrorKind, Result};

use crate::account_memory::AccountMemory;
use crate::api::{Answer, FieldInfo, Me};
use crate::directory::Directory;
use crate::entity::Entity;
use crate::errors::PipedriveApi;
use crate::oauth::OAuth;

/// The lane of searches, whose window is their own.
pub(crate) const SEARCHES: &str = "search";

/// Most records or fields on a page.
pub(crate) const PAGE: usize = 500;

/// What calls take from the day's budget (`x-token-cost` of the specification).
pub(crate) mod cost {
    /// One record.
    pub(crate) const GET: u64 = 1;
    /// A page of a list, of records or fields.
    pub(crate) const LIST: u64 = 10;
    /// Creating or changing a record, a field, options.
    pub(crate) const WRITE: u64 = 5;
    /// Deleting a record.
    pub(crate) const DELETE: u64 = 3;
    /// A page of a search.
    pub(crate) const SEARCH: u64 = 20;
    /// The list of fields or filters of v1.
    pub(crate) const LIST_V1: u64 = 20;
    /// Creating a filter.
    pub(crate) const CREATE_FILTER: u64 = 10;
    /// The current user.
    pub(crate) const ME: u64 = 2;
}

/// How old the user's own settings may be.
const ME_MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// The way to one Pipedrive company.
pub struct PipedriveClient {
    http: Http,
    cache: Cache,
    base: Base,
    memory: Arc<AccountMemory>,
}

/// Where the API is.
#[derive(Debug)]
enum Base {
    Fixed(Endpoint),
    /// It comes with the first access token.
    OfToken(OAuth),
}

impl fmt::Debug for PipedriveClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipedriveClient").field("base", &self.base).finish_non_exhaustive()
    }
}

impl PipedriveClient {
    pub(crate) async fn with_token(
        context: &AccountContext,
        api: PipedriveApi,
        token: StaticHeader,
        endpoint: &Endpoint,
    ) -> Result<Self> {
        let http = context.http.clone().with_api(api).with_auth(token);
        Self::new(context, http, Base::Fixed(endpoint.clone())).await
    }

    pub(crate) async fn with_oauth(
        context: &AccountContext,
        api: PipedriveApi,
        oauth: OAuth,
    ) -> Result<Self> {
        let http = context.http.clone().with_api(api).with_auth(oauth.clone());
        Self::new(context, http, Base::OfToken(oauth)).await
    }

    async fn new(context: &AccountContext, http: Http, base: Base) -> Result<Self> {
        Ok(Self {
            http,
            cache: context.cache.clone(),
            base,
            memory: AccountMemory::of(&context.cache).await?,
        })
    }

    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.http.clock()
    }

    /// What this account knows of the tool's records of this kind.
    pub(crate) fn directory(&self, entity: Entity) -> &Directory {
        self.memory.directory(entity)
    }

    pub(crate) fn memory(&self) -> &AccountMemory {
        &self.memory
    }

    /// The address of something in API v2.
    pub(crate) async fn v2(&self, path: &str) -> Result<String> {
        self.url("/api/v2/", path).await
    }

    /// The address of something that only API v1 has.
    pub(crate) async fn v1(&self, path: &str) -> Result<String> {
        self.url("/api/v1/", path).await
    }

    async fn url(&self, version: &str, path: &str) -> Result<String> {
        let base = match &self.base {
            Base::Fixed(endpoint) => endpoint.as_str().to_owned(),
            Base::OfToken(oauth) => oauth.base(&self.http).await?.as_str().to_owned(),
        };
        Ok(base + version + path)
    }

    /// One record's own address.
    pub(crate) async fn record(&self, entity: Entity, id: u64) -> Result<String> {
        self.v2(&format!("{}/{id}", entity.path())).await
    }

    /// A page of the list of records.
    pub(crate) async fn list(&self, entity: Entity, cursor: Option<&str>) -> Result<Call> {
        let url = self.v2(entity.path()).await?;
        let call = paged(self.http.get(entity.operations().list, &url), cursor).cost(cost::LIST);
        // Whoever names one custom field is spared all the others ("faster results and
        // smaller response", specification). They cannot be left out altogether.
        let fields: Option<Arc<Vec<FieldInfo>>> = self.cache.get(FIELDS, entity.path()).await;
        let custom = fields.as_ref().and_then(|fields| fields.iter().find(|field| field.is_custom_field));
        Ok(match custom {
            Some(field) => call.query("custom_fields", &field.field_code),
            None => call,
        })
    }

    /// Who the credentials belong to.
    pub(crate) async fn me(&self) -> Result<Me> {
        const OPERATION: &str = "get_current_user";
        let url = self.v1("users/me").await?;
        let call = self.http.get(OPERATION, &url).cost(cost::ME);
        let answer: Answer<Me> = call.receive().await.map_err(no_api_there)?;
        answer.into_data(OPERATION)
    }

    /// The currency of amounts that name none, if the user has set one.
    pub(crate) async fn default_currency(&self) -> Result<Option<String>> {
        let me = self.cache.get_or_load("pipedrive user", "me", ME_MAX_AGE, self.me());
        Ok(me.await?.default_currency.clone())
    }

    /// The fields of a kind of record, at most this old.
    pub(crate) async fn fields(&self, entity: Entity, max_age: Duration) -> Result<Arc<Vec<FieldInfo>>> {
        self.cache.get_or_load(FIELDS, entity.path(), max_age, self.load_fields(entity)).await
    }

    /// The fields as they are now; whoever asks later has them, too.
    pub(crate) async fn fresh_fields(&self, entity: Entity) -> Result<Arc<Vec<FieldInfo>>> {
        self.forget_fields(entity).await;
        self.fields(entity, FIELDS_MAX_AGE).await
    }

    pub(crate) async fn forget_fields(&self, entity: Entity) {
        self.cache.forget(FIELDS, entity.path()).await;
    }

    /// Takes in what was just changed about the fields, so that nobody asks again.
    pub(crate) async fn keep_fields(&self, entity: Entity, fields: Vec<FieldInfo>) {
        self.cache.insert(FIELDS, entity.path(), fields).await;
    }

    async fn load_fields(&self, entity: Entity) -> Result<Vec<FieldInfo>> {
        let operation = entity.operations().list_fields;
        let url = self.v2(entity.fields_path()).await?;
        let mut fields = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let call = paged(self.http.get(operation, &url), cursor.as_deref()).cost(cost::LIST);
            let answer: Answer<Vec<FieldInfo>> = call.receive().await.map_err(no_api_there)?;
            let (page, next) = answer.into_page(operation)?;
            fields.extend(page);
            match next {
                Some(next) => cursor = Some(next),
                None => return Ok(fields),
            }
        }
    }
}

/// Every company has a user and fields: where they are not found, there is no company.
fn no_api_there(error: Error) -> Error {
    if *error.kind() != ErrorKind::Gone {
        return error;
    }
    Error::configuration(format!(
        "{}: there is no Pipedrive API at this address; check the option \"endpoint\"",
        error.message()
    ))
    .with_code("no_api")
    .with_field("endpoint")
}

const FIELDS: &str = "pipedrive fields";

/// How old a remembered list of fields may be.
pub(crate) const FIELDS_MAX_AGE: Duration = Duration::from_secs(3600);

/// The largest page, where the cursor points.
pub(crate) fn paged(call: Call, cursor: Option<&str>) -> Call {
    let call = call.query("limit", PAGE.to_string());
    match cursor {
        Some(cursor) => call.query("cursor", cursor),
        None => call,
    }
}
